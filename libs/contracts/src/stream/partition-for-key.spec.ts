import { partitionForKey } from './partition-for-key.js';

// The SDK's own mapper is the oracle; its package exports do not name it, so it is reached by path.
const oracle = (await import(
  new URL(
    '../../../../node_modules/@azure/event-hubs/dist/esm/impl/partitionKeyToIdMapper.js',
    import.meta.url,
  ).href
)) as { mapPartitionKeyToId(key: string, count: number): number };

describe('partitionForKey', () => {
  it('holds the published vectors', () => {
    expect(partitionForKey('alphabet', 11)).toBe(4);
    expect(partitionForKey('alphabet', 3)).toBe(0);
  });

  it("agrees with the SDK's mapper for keys of every length, accents and emoji included", () => {
    for (let length = 0; length <= 60; length++) {
      for (const alphabet of ['a', 'é', '🦊', 'Zq9-']) {
        const key = alphabet.repeat(60).slice(0, length);
        for (const count of [1, 2, 3, 4, 7, 32]) {
          expect({ key, count, partition: partitionForKey(key, count) }).toEqual({
            key,
            count,
            partition: oracle.mapPartitionKeyToId(key, count),
          });
        }
      }
    }
  });
});
