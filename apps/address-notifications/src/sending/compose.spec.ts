import { addressChangedMail } from '../mail/address-changed.mail.js';
import { compose } from './compose.js';

/** RFC 2045 §6.7. */
const decoded = (text: string): string =>
  decodeURIComponent(
    text
      .replace(/=\r\n/g, '')
      .replace(/%/g, '=25')
      .replace(/=([\dA-F]{2})/g, '%$1'),
  );

describe('a mail on the wire', () => {
  const after = { line1: '= 1 Høyveien =', city: 'Zürich', country: 'CH' };
  const recipient = { name: 'Zoë, "Z" Yáñez', email: 'zoe@example.com' };
  const mail = addressChangedMail('event-1', { recipient, kind: 'home', after });
  const { envelope, raw } = compose('Customer Service <no-reply@example.com>', mail);
  const [header = '', ...parts] = raw.split(/\r\n--[^\r\n]+\r\n/);

  it('goes to its recipient, and has the headers that tell it from others', () => {
    expect(envelope).toEqual({ from: 'no-reply@example.com', to: ['zoe@example.com'] });
    for (const line of [
      'From: Customer Service <no-reply@example.com>',
      'Message-ID: <event-1@profile.internal>',
      'Idempotency-Key: event-1',
      'Auto-Submitted: auto-generated',
      'MIME-Version: 1.0',
      'Subject: Your home address has been changed',
    ])
      expect(header.split('\r\n')).toContain(line);
    expect(header).toMatch(/^To: =\?UTF-8\?\S+\?= <zoe@example\.com>\r$/m);
    expect(header).toMatch(/^Date: /m);
  });

  it('says the same in text and in HTML, letter by letter', () => {
    const contents = parts.slice(0, 2).map((part) => {
      const [head = '', body = ''] = part
        .split('\r\n\r\n', 1)
        .concat(part.slice(part.indexOf('\r\n\r\n') + 4));
      return [/^Content-Type: (\S+); charset=utf-8\r?$/m.exec(head)?.[1], decoded(body)];
    });
    expect(contents).toEqual([
      ['text/plain', mail.text.replace(/\n/g, '\r\n')],
      ['text/html', mail.html.replace(/\n/g, '\r\n')],
    ]);
  });

  it('has no line that a server may cut, and nothing but ASCII', () => {
    expect(raw.split('\r\n').filter((line) => line.length > 78)).toEqual([]);
    expect(raw).not.toMatch(/[^\r\n\x20-\x7e\t]|[^\r]\n|\r[^\n]/);
    expect(raw).toMatch(/\r\n--[^\r\n]+--\r\n$/);
  });
});
