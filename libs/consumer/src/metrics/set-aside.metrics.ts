import type { StatementRunner } from '@app/event-hubs';
import { Gauge, metrics } from '@app/service-defaults';
import { ageOfSetAside, type SetAsideAge } from '../set-aside/sql/age-of-set-aside.js';

/** A consumer of this process, and the database where its events wait. */
interface Source {
  group: string;
  database: StatementRunner;
}

/** A look is shared by all gauges of a scrape, and by scrapes that follow closely. */
const sampleMs = 1_000;

/** What is set aside over all replicas, as the database tells it when it is asked for. */
class SetAsideLook {
  private sources: Source[] = [];
  private looked: { at: number; rows: Promise<[string, SetAsideAge[]][]> } | undefined;

  add(source: Source): void {
    this.sources = [...this.sources.filter(({ group }) => group !== source.group), source];
    this.looked = undefined;
  }

  rows(): Promise<[string, SetAsideAge[]][]> {
    if (!this.looked || performance.now() - this.looked.at > sampleMs) {
      this.looked = { at: performance.now(), rows: this.look() };
    }
    return this.looked.rows;
  }

  private async look(): Promise<[string, SetAsideAge[]][]> {
    const found = this.sources.map(
      async ({ group, database }): Promise<[string, SetAsideAge[]] | undefined> => {
        try {
          return [group, await ageOfSetAside(database)];
        } catch {
          // The database is away: no figure is better than a wrong one, and the other metrics are still told.
          return undefined;
        }
      },
    );
    return (await Promise.all(found)).filter((row) => row !== undefined);
  }
}

const look = new SetAsideLook();

gauge(
  'consumer_set_aside',
  'Customers whose events are set aside, by the state of the one in front: retrying or parked. Over all replicas.',
  ({ customers }) => customers,
);
gauge(
  'consumer_set_aside_events',
  'Events that are set aside, those that wait behind a failed one included. Over all replicas.',
  ({ events }) => events,
);
gauge(
  'consumer_set_aside_oldest_seconds',
  'Since when the event has waited that was set aside first; 0 when none is. Over all replicas.',
  ({ oldestSeconds }) => oldestSeconds,
);

/** The gauges tell of this consumer from now on. */
export function watchSetAside(source: Source): void {
  look.add(source);
}

function gauge(name: string, help: string, valueOf: (age: SetAsideAge) => number): Gauge {
  return new Gauge({
    name,
    help,
    labelNames: ['group', 'state'],
    registers: [metrics],
    async collect() {
      const rows = await look.rows();
      this.reset();
      for (const [group, ages] of rows) {
        for (const age of ages) this.set({ group, state: age.state }, valueOf(age));
      }
    },
  });
}
