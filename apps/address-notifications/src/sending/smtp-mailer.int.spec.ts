import { eventually, freePort } from '@app/testing';
import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import { addressChangedMail } from '../mail/address-changed.mail.js';
import type { Mail } from '../mail/mail.js';
import { SmtpMailer, type SmtpOptions } from './smtp-mailer.js';

let port: number;
let server: SMTPServer;
const received: string[] = [];

beforeAll(async () => {
  port = await freePort();
  server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo({ address }, _session, done) {
      if (address.startsWith('never')) return;
      const code = /^refuse-(\d+)@/.exec(address)?.[1];
      done(code ? Object.assign(new Error(`no ${address}`), { responseCode: Number(code) }) : null);
    },
    onData(stream, _session, done) {
      let mail = '';
      stream.setEncoding('utf8').on('data', (part: string) => (mail += part));
      stream.on('end', () => {
        received.push(mail);
        done();
      });
    },
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
});
afterAll(() => new Promise<void>((resolve) => server.close(resolve)));

const mailTo = (email: string): Mail =>
  addressChangedMail('event-1', { recipient: { name: 'Zoë, "Z" Yáñez', email }, kind: 'home' });

async function withMailer<T>(
  url: string,
  work: (mailer: SmtpMailer) => Promise<T>,
  options: Partial<SmtpOptions> = {},
): Promise<T> {
  const from = 'Customer Service <no-reply@example.com>';
  const mailer = new SmtpMailer(url, { from, requireTls: false, ...options });
  try {
    return await work(mailer);
  } finally {
    mailer.close();
  }
}

describe('SmtpMailer', () => {
  it('hands a mail over as it is, with its Message-ID', async () => {
    const delivery = await withMailer(`smtp://127.0.0.1:${port}`, (mailer) =>
      mailer.send(mailTo('zoe@example.com')),
    );
    expect(delivery).toEqual({ outcome: 'sent' });
    expect(received.at(-1)).toContain('Message-ID: <event-1@profile.internal>');
    expect(received.at(-1)).toContain('Idempotency-Key: event-1');
    expect(received.at(-1)).toContain('Auto-Submitted: auto-generated');
    expect(received.at(-1)).toContain('Content-Type: multipart/alternative');
  });

  it.each([
    ['refuse-550@example.com', { outcome: 'refused', reason: 'smtp-550' }],
    ['refuse-451@example.com', { outcome: 'retry', reason: 'smtp-451' }],
  ])('answers what the server said to %s', async (email, delivery) => {
    expect(await withMailer(`smtp://127.0.0.1:${port}`, (mailer) => mailer.send(mailTo(email)))).toEqual(
      delivery,
    );
  });

  it('gives up a mail that takes too long, and its connection', async () => {
    const work = async (mailer: SmtpMailer) => {
      const delivery = await mailer.send(mailTo('never@example.com'));
      await eventually(() => expect(server.connections.size).toBe(0));
      return [delivery, await mailer.send(mailTo('zoe@example.com'))];
    };
    expect(await withMailer(`smtp://127.0.0.1:${port}`, work, { limitMs: 1_000 })).toEqual([
      { outcome: 'unavailable', reason: 'smtp-too-slow' },
      { outcome: 'sent' },
    ]);
    // Sooner than a silent server is taken for gone.
  }, 5_000);

  it('gives no mail to a server without TLS, where TLS is required', async () => {
    const before = received.length;
    const send = (mailer: SmtpMailer) => mailer.send(mailTo('zoe@example.com'));
    expect(await withMailer(`smtp://127.0.0.1:${port}`, send, { requireTls: true })).toMatchObject({
      outcome: 'unavailable',
    });
    expect(received).toHaveLength(before);
  });

  it('answers that nobody is there', async () => {
    const closed = await freePort();
    expect(
      await withMailer(`smtp://127.0.0.1:${closed}`, (mailer) => mailer.send(mailTo('zoe@example.com'))),
    ).toMatchObject({
      outcome: 'unavailable',
    });
  });
});
