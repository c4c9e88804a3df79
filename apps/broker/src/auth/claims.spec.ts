import { Claims } from './claims.js';
import { pathSegments } from './entity-path.js';

const claim = (address: string, expires: number, rights: ('Send' | 'Listen' | 'Manage')[] = ['Listen']) => ({
  path: pathSegments(address),
  rights,
  expires,
});

describe('the claims of a connection', () => {
  it('hold for the address and what lies below it, by whole segments', () => {
    const claims = new Claims();
    claims.add(claim('hub1', 100));
    expect(claims.allows('Listen', 'HUB1/ConsumerGroups/g/Partitions/0', 99)).toBe(true);
    expect(claims.allows('any', 'hub1', 99)).toBe(true);
    expect(claims.allows('Listen', 'hub10', 99)).toBe(false);
    expect(claims.allows('Send', 'hub1', 99)).toBe(false);
    expect(claims.allows('Listen', 'hub1', 100)).toBe(false);
    expect(claims.nextExpiry(99)).toBe(100);
    expect(claims.nextExpiry(100)).toBeUndefined();
  });

  it('hold where one above does, when the nearest has expired or lacks the right', () => {
    const claims = new Claims();
    claims.add(claim('', 300, ['Manage']));
    claims.add(claim('hub', 100));
    claims.add(claim('hub/partitions/0', 200, ['Send']));
    expect(claims.allows('Listen', 'hub/Partitions/0', 150)).toBe(true);
    expect(claims.nextExpiry(100)).toBe(200);
  });

  it('are looked up in a time that does not grow with their number', () => {
    const claims = new Claims();
    for (let i = 0; i < 4_096; i++) expect(claims.add(claim(`hub/${i}`, 100))).toBe(true);
    expect(claims.add(claim('one/too/many', 100))).toBe(false);
    const lookUp = (): number => {
      const started = performance.now();
      for (let i = 0; i < 2_048; i++) claims.allows('Send', `hub/${i}/partitions/0`, 50);
      return performance.now() - started;
    };
    // Others may hold the processor up in some of the turns.
    expect(Math.min(...Array.from({ length: 10 }, lookUp))).toBeLessThan(50);
  });
});
