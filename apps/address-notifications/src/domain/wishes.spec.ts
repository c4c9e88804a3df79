import { refusalOf, wishesSchema } from './wishes.js';

const at = '2026-01-01T00:00:00Z';
const wishes = (given: object) => wishesSchema.parse(given);

describe('whether a customer may be told something', () => {
  it('about the own address needs no consent, not even against a refusal of marketing', () => {
    const refused = wishes({ consents: { marketing: { granted: false, at } } });
    expect(refusalOf('own-address', 'email', refused)).toBeUndefined();
  });

  it.each([
    ['was never asked', {}],
    ['withdrew it', { marketing: { granted: false, at } }],
    ['consented to something else', { surveys: { granted: true, at } }],
  ])('about anything else not, when the customer %s', (_, consents) => {
    expect(refusalOf('marketing', 'email', wishes({ consents }))).toBe('no-consent');
    expect(refusalOf('constructor', 'email', wishes({ consents }))).toBe('no-consent');
  });

  it('about anything else with the consent of its purpose', () => {
    const consents = { marketing: { granted: true, at } };
    expect(refusalOf('marketing', 'email', wishes({ consents }))).toBeUndefined();
  });

  it('only by the channel that is preferred, where one is', () => {
    const by = (preferredChannel: unknown) =>
      refusalOf('own-address', 'email', wishes({ preferences: { preferredChannel } }));
    expect([by('email'), by('Email '), by(undefined), by(7)]).toEqual(Array(4).fill(undefined));
    expect([by('post'), by('none')]).toEqual(Array(2).fill('other-channel'));
  });
});
