import { metrics } from '@app/service-defaults';
import { RelayMetrics } from './relay.metrics.js';

describe('the relay’s metrics', () => {
  const told = async (name: string) => {
    const { values } = (await metrics.getSingleMetric(name)?.get()) ?? { values: [] };
    return values.map(({ value }) => value);
  };

  it('look once a scrape, and tell of what waits and of what was set aside', async () => {
    let looks = 0;
    const query = async () => {
      looks++;
      return [{ pending: 3, oldestSeconds: 1.5, rejected: 1 }];
    };
    const made = new RelayMetrics({ query });
    made.count(0, 0);
    const names = ['outbox_pending', 'outbox_oldest_seconds', 'outbox_rejected_rows'];
    expect(await Promise.all(names.map(told))).toEqual([[3], [1.5], [1]]);
    expect(looks).toBe(1);
  });

  it('tell nothing while the database is away', async () => {
    const made = new RelayMetrics({ query: () => Promise.reject(new Error('away')) });
    made.count(0, 0);
    expect(await told('outbox_rejected_rows')).toEqual([]);
  });

  it('count what was sent and what was set aside, for all relays of the process', async () => {
    const before = await Promise.all(['outbox_published_total', 'outbox_rejected_total'].map(told));
    for (const relay of [1, 2]) new RelayMetrics({ query: async () => [] }).count(10 * relay, relay);
    const after = await Promise.all(['outbox_published_total', 'outbox_rejected_total'].map(told));
    expect(after.map(([value = 0], index) => value - (before[index]?.[0] ?? 0))).toEqual([30, 3]);
  });
});
