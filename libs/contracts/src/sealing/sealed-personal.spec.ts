import { CompactEncrypt, compactDecrypt } from 'jose';
import { kidOf, newPersonalDataKey, open, seal, UnsealError } from './sealed-personal.js';

const key = newPersonalDataKey();
const personal = { current: { givenName: 'Zoë', city: 'São Paulo' }, previous: {} };

describe('sealed personal data', () => {
  it('opens what it sealed', () => {
    expect(open(seal(personal, 'customer-1', key), key)).toEqual(personal);
  });

  it('is a compact JWE that jose opens', async () => {
    const { plaintext, protectedHeader } = await compactDecrypt(seal(personal, 'customer-1', key), key);
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toEqual(personal);
    expect(protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', kid: 'customer-1' });
  });

  it('opens what jose sealed', async () => {
    const jwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(personal)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'customer-1' })
      .encrypt(key);
    expect(open(jwe, key)).toEqual(personal);
    expect(kidOf(jwe)).toBe('customer-1');
  });

  it('never seals the same text twice alike', () => {
    expect(seal(personal, 'customer-1', key)).not.toBe(seal(personal, 'customer-1', key));
  });

  it('refuses another key', () => {
    expect(() => open(seal(personal, 'customer-1', key), newPersonalDataKey())).toThrow(UnsealError);
  });

  it.each(['header', 'iv', 'ciphertext', 'tag'] as const)('refuses an altered %s', (part) => {
    const parts = seal(personal, 'customer-1', key).split('.');
    const index = { header: 0, iv: 2, ciphertext: 3, tag: 4 }[part];
    const altered = Buffer.from(parts[index] ?? '', 'base64url');
    altered[0] = (altered[0] ?? 0) ^ 1;
    parts[index] = altered.toString('base64url');
    expect(() => open(parts.join('.'), key)).toThrow(UnsealError);
  });

  it.each([
    '',
    'a.b',
    'a.b.c.d.e',
    `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..AA.AA.AA`,
  ])('refuses %j', (text) => {
    expect(() => open(text, key)).toThrow(UnsealError);
    expect(() => kidOf(text)).toThrow(UnsealError);
  });
});
