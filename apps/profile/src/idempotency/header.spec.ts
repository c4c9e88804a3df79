import { idempotencyKeyOf } from './header.js';

describe('idempotencyKeyOf', () => {
  it.each([
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['  order:17/2 '.trimEnd(), 'order:17/2'],
    ['"two words"', 'two words'],
    [String.raw`"a \"b\" \\ c"`, String.raw`a "b" \ c`],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('reads %s', (header, key) => {
    expect(idempotencyKeyOf(header)).toBe(key);
  });

  it.each(['', '""', '"', 'a b', 'a, b', '"a", "b"', 'ключ', '"a', 'x'.repeat(256), '"a";p=1', '\u0000'])(
    'refuses %j',
    (header) => {
      expect(idempotencyKeyOf(header)).toBeUndefined();
    },
  );
});
