import * as fc from 'fast-check';
import type { AuditedEvent, AuditEntry, ChainedEntry } from './audit-entry.js';
import { extend, genesisHash, hashOf } from './chain.js';
import { ChainVerifier } from './chain-verifier.js';

const event = (n: number): AuditedEvent => ({
  eventId: `event-${n}`,
  source: '/profile',
  type: 'AddressChanged',
  subject: 'customer',
  headers: '{}',
  body: Buffer.from(`{"n":${n}}`),
  sequenceNumber: n,
  enqueuedAt: 1_790_000_000_000 + n,
});
const start = { partitionId: 2, position: 0n, hash: genesisHash };
const chainOf = (count: number) =>
  extend(
    start,
    Array.from({ length: count }, (_, n) => event(n)),
    1_790_000_001_000,
  );

describe('the chain', () => {
  it('is the same in one batch or in several', () => {
    const whole = chainOf(5);
    const first = extend(start, [0, 1].map(event), 1_790_000_001_000);
    const second = extend(first.head, [2, 3, 4].map(event), 1_790_000_001_000);
    expect([...first.entries, ...second.entries]).toEqual(whole.entries);
    expect(second.head).toEqual(whole.head);
  });

  it('hashes every field, each told from its neighbours', () => {
    const entry = chainOf(1).entries[0] as ChainedEntry;
    const changes: Partial<AuditEntry>[] = [
      { partitionId: 3 },
      { position: 2n },
      { previousHash: Buffer.alloc(32, 1) },
      { eventId: 'event-1' },
      { source: '/other' },
      { type: 'CustomerAdded' },
      { subject: null },
      { subject: '' },
      { headers: '{ }' },
      { body: Buffer.from('{"n":1}') },
      { sequenceNumber: 7 },
      { enqueuedAt: 7 },
      { recordedAt: 7 },
      // The same letters, elsewhere.
      { eventId: 'event-0/', source: 'profile' },
    ];
    const hashes = [entry, ...changes.map((change) => Object.assign({}, entry, change))].map((each) =>
      hashOf(each).toString('hex'),
    );
    expect(new Set(hashes).size).toBe(changes.length + 1);
  });

  it('has an encoding that stays as it is', () => {
    expect(hashOf(chainOf(1).entries[0] as ChainedEntry).toString('hex')).toMatchInlineSnapshot(
      `"e8cd3fc61da2111b061de4206a06045d0759162f93f8bd8457e87feca35b61d5"`,
    );
  });
});

describe('ChainVerifier', () => {
  const verify = (entries: ChainedEntry[], head = chainOf(8).head) => {
    const verifier = new ChainVerifier(head);
    for (const entry of entries) {
      const bad = verifier.next(entry);
      if (bad) return bad;
    }
    return verifier.end();
  };

  it('finds nothing wrong with what was written', () => expect(verify(chainOf(8).entries)).toBeUndefined());

  it('names the first bad entry after any tampering', () => {
    const tampering = fc.record({
      at: fc.nat(7),
      how: fc.constantFrom('edit', 'delete', 'swap', 'cut', 'repeat'),
    });
    fc.assert(
      fc.property(tampering, ({ at, how }) => {
        const { entries } = chainOf(8);
        const victim = entries[at] as ChainedEntry;
        const next = entries[at + 1];
        if (how === 'edit') entries[at] = { ...victim, body: Buffer.from('forged') };
        if (how === 'delete') entries.splice(at, 1);
        if (how === 'cut') entries.splice(at);
        if (how === 'repeat') entries.splice(at + 1, 0, victim);
        if (how === 'swap' && next) {
          entries[at] = { ...next, position: victim.position };
          entries[at + 1] = { ...victim, position: next.position };
        }
        if (how === 'swap' && !next) return;
        expect(verify(entries)).toMatchObject({ partitionId: 2, position: at + 1 });
      }),
    );
  });

  it('finds entries beyond the head, and a head that is not the end', () => {
    const { entries, head } = chainOf(8);
    expect(verify(entries, chainOf(7).head)).toMatchObject({ position: 8, reason: 'unexpected' });
    expect(verify(entries, { ...head, hash: Buffer.alloc(32) })).toMatchObject({ reason: 'head differs' });
  });
});
