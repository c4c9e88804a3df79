import { anAddress } from '@app/testing';
import { addressChangedMail } from './address-changed.mail.js';
import { MailTemplate } from './mail-template.js';

const recipient = { name: 'MR. JON YANG', email: 'jon@example.com' };

describe('the mail', () => {
  const mail = addressChangedMail('0190b3c4-0000-7000-8000-000000000001', {
    recipient,
    kind: 'home',
    before: anAddress(),
    after: anAddress({ line1: '1 High St', city: 'Perth', postalCode: '6000', region: 'WA' }),
  });

  it('has the same Message-ID whenever it is sent', () => {
    expect(mail.messageId).toBe('<0190b3c4-0000-7000-8000-000000000001@profile.internal>');
  });

  it('says in text what changed', () => {
    expect(mail.subject).toBe('Your home address has been changed');
    expect(mail.text).toMatchInlineSnapshot(`
     "Hello MR. JON YANG,

     your home address has been changed. It is now:

       1 High St
       6000 Perth, WA
       AU

     Before, it was:

       3761 N. 14th St
       4700 Rockhampton, Queensland
       AU

     If this is right, there is nothing to do. If you did not ask for it, please tell our customer service.
     "
    `);
  });

  it('says the same in HTML', () =>
    expect(mail.html).toMatchInlineSnapshot(`
     "<!doctype html>
     <html lang="en">
       <body style="font-family: sans-serif; line-height: 1.5; color: #222">
         <p>Hello MR. JON YANG,</p>
         <p>your home address has been changed. It is now:</p>
         <p style="margin-left: 2em">1 High St<br />6000 Perth, WA<br />AU<br /></p>
         <p>Before, it was:</p>
         <p style="margin-left: 2em">3761 N. 14th St<br />4700 Rockhampton, Queensland<br />AU<br /></p>
         <p>
           If this is right, there is nothing to do. If you did not ask for it, please tell our customer service.
         </p>
       </body>
     </html>
     "
    `));

  it('is written in the customer’s language, as near to it as there is one, and else in English', () => {
    const subjectIn = (language: string | undefined) =>
      addressChangedMail('e', { recipient, kind: 'billing', ...(language !== undefined && { language }) })
        .subject;
    expect(['de-CH', 'nb', ' NO ', 'xx', '../en', '__proto__', undefined].map(subjectIn)).toEqual([
      'Ihre Rechnungsadresse wurde gelöscht',
      'Fakturaadressen din er fjernet',
      'Fakturaadressen din er fjernet',
      ...Array<string>(4).fill('Your billing address has been removed'),
    ]);
  });

  it('leaves no tag of a template unfilled, in any language', () => {
    for (const language of new MailTemplate('address-changed').languages) {
      const after = anAddress({ line1: 'Å & B' });
      const written = addressChangedMail('e', {
        recipient,
        language,
        kind: 'home',
        before: anAddress(),
        after,
      });
      expect(`${written.subject}${written.text}${written.html}`).not.toMatch(/[{}]/);
      expect([written.text, written.html]).toEqual([
        expect.stringContaining('Å & B'),
        expect.stringContaining('Å &amp; B'),
      ]);
    }
  });

  it('says that an address has been removed', () => {
    const removed = addressChangedMail('e', { recipient, kind: 'billing', before: anAddress() });
    expect(removed.subject).toBe('Your billing address has been removed');
    expect(removed.text).toContain('your billing address has been removed.');
  });

  it('lets no markup of a customer through', () => {
    const evil = `<img src=x onerror="alert('x')">&`;
    const { html: markup } = addressChangedMail('e', {
      recipient: { name: evil, email: 'x@example.com' },
      kind: 'home',
      after: anAddress({ line1: evil }),
    });
    expect(markup).not.toContain('<img');
    expect(markup).toContain('&lt;img src');
  });

  it('cannot be given another header by an event id', () => {
    expect(addressChangedMail('a>\r\nBcc: <x', { recipient, kind: 'home' }).messageId).toBe(
      '<a%3E%0D%0ABcc%3A%20%3Cx@profile.internal>',
    );
  });
});
