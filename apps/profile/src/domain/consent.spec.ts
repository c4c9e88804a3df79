import { mostConsents, TooManyConsentsError, withConsent } from './consent.js';

const now = '2026-06-01T12:00:00.000Z';
const earlier = '2026-01-01T00:00:00Z';
const given = { marketing: { granted: true, at: earlier, source: 'web form', proof: 'opt-in 7' } };

describe('a consent', () => {
  it('is given now, or when the caller says', () => {
    expect(withConsent({}, 'marketing', { granted: true }, now)).toEqual({
      marketing: { granted: true, at: now },
    });
    expect(withConsent({}, 'marketing', { granted: true, at: earlier, source: 'shop' }, now)).toEqual({
      marketing: { granted: true, at: earlier, source: 'shop' },
    });
  });

  it('that says the same without a time is the one of before', () => {
    const same = { granted: true, source: 'web form', proof: 'opt-in 7' };
    expect(withConsent(given, 'marketing', same, now)).toEqual(given);
    expect(withConsent(given, 'marketing', { ...same, at: now }, now)['marketing']?.at).toBe(now);
  });

  it('that is withdrawn, or given elsewhere, is another one, with a time of its own; others stay', () => {
    expect(withConsent(given, 'marketing', { granted: false }, now)).toEqual({
      marketing: { granted: false, at: now },
    });
    expect(withConsent(given, 'surveys', { granted: true }, now)).toEqual({
      ...given,
      surveys: { granted: true, at: now },
    });
  });

  it('may be for a purpose that objects know by another name', () => {
    expect(withConsent({}, 'constructor', { granted: true }, now)).toHaveProperty(
      'constructor.granted',
      true,
    );
  });

  it('is refused where there are too many already, unless it replaces one', () => {
    const full = Object.fromEntries(
      Array.from({ length: mostConsents }, (_, n) => [`p${n}`, { granted: true, at: earlier }]),
    );
    expect(() => withConsent(full, 'one-more', { granted: true }, now)).toThrow(TooManyConsentsError);
    expect(withConsent(full, 'p0', { granted: false }, now)['p0']).toEqual({ granted: false, at: now });
  });
});
