import { numbersOf, phoneKey, typedNumber } from './phone.js';

/** Whether the search finds a number that is kept so by what is typed: the key of the one begins with that of the other. */
const finds = (typed: string, phone: string, country?: string): boolean =>
  numbersOf(phone, country ? [country] : [])
    .map(phoneKey)
    .some((key) => key.startsWith(phoneKey(typedNumber(typed))));

describe('a telephone number', () => {
  it.each([
    ['+44 161 496 0000', '0161 496 0000', 'GB'],
    ['+44 (0)161 496 0000', '0161 496 0000', 'GB'],
    ['0044-161-496-0000', '(0161) 4960000', 'GB'],
    ['011 44 161 496 0000', '0161 496 0000', 'GB'],
    ['0161 496 0000', '+44 161 496 0000', 'GB'],
    ['0161/4960000', '+441614960000', undefined],
    ['01614960000', '0161 496 0000', 'GB'],
    ['161.496.0000', '0161 496 0000', 'GB'],
    ['496 0000', '0161 496 0000', 'GB'],
    ['+1 212 555 0162', '(212) 555-0162', 'US'],
    ['1-212-555-0162', '212 555 0162', 'US'],
    ['(212) 555-0162', '+1 212 555 0162', 'US'],
    ['8 (912) 345-67-89', '+7 912 345 67 89', 'RU'],
    ['+7 912 345 67 89', '8 (912) 345-67-89', 'RU'],
    ['06 1 234 5678', '+36 1 234 5678', 'HU'],
    ['+39 06 6982 0000', '06 6982 0000', 'IT'],
    ['06 6982 0000', '+39 06 6982 0000', 'IT'],
    // No number of anybody's numbering plan is found by its digits all the same.
    ['500 555 0162', '1 (11) 500 555-0162', 'AU'],
    ['+1 (11) 500-555-0162', '1 (11) 500 555-0162', 'AU'],
    ['５５５ ０１６２', '555 0162', undefined],
  ])('typed as %s is found where it is kept as %s in %s', (typed, phone, country) => {
    expect(finds(typed, phone, country)).toBe(true);
  });

  it.each([
    ['+33 161 496 0000', '0161 496 0000', 'GB'],
    ['0161 496 0001', '+44 161 496 0000', 'GB'],
  ])('typed as %s is not %s in %s', (typed, phone, country) => {
    expect(finds(typed, phone, country)).toBe(false);
  });

  it('of a customer with addresses in two countries may be of either', () => {
    expect(numbersOf('22 22 55 55', ['NO', 'DK'])).toEqual(['22225555', '4722225555', '4522225555']);
  });

  it('that has no digits, or a country nobody knows, is what was written', () => {
    expect(numbersOf('unknown', ['GB'])).toEqual([]);
    expect(numbersOf('22 22 55 55', ['AQ'])).toEqual(['22225555']);
  });
});
