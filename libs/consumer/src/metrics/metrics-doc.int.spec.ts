import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OutboxRelay } from '@app/outbox';
import { metrics } from '@app/service-defaults';
import { workspaceRoot } from '@app/testing';
import './consumer.metrics.js';
import './set-aside.metrics.js';

const ours = /^(?:consumer|outbox)_/;

/** What an object of prom-client knows of itself besides its type's public members. */
interface Described {
  name: string;
  help: string;
  labelNames?: string[];
  type: string;
}

describe('docs/metrics.md', () => {
  it('has a row for each metric of consumers and relay, with its type, labels and meaning', async () => {
    // Its metrics are made with the relay.
    expect(new OutboxRelay({} as never, {} as never, { partitionCount: 1 } as never)).toBeDefined();
    const described = await metrics.getMetricsAsJSON();
    const wanted = described
      .filter(({ name }) => ours.test(name))
      .map(({ name, help, type }) => {
        const { labelNames = [] } = metrics.getSingleMetric(name) as unknown as Described;
        return [`\`${name}\``, String(type), labelNames.join(', '), help];
      });
    const text = await readFile(join(workspaceRoot, 'docs/metrics.md'), 'utf8');
    const rows = text
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const byName = ([a = '']: string[], [b = '']: string[]) => a.localeCompare(b);
    const documented = rows.filter(([name = '']) => ours.test(name.slice(1)));
    expect(documented.toSorted(byName)).toEqual(wanted.toSorted(byName));
    expect(wanted.length).toBeGreaterThan(15);
  });
});
