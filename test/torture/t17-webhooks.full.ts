import { Logger } from '@nestjs/common';
import { seedOfRun } from '@app/testing';
import { publish, sizeOf } from './support/runs.js';
import { shootAtWebhooks } from './webhooks/shoot-at-webhooks.js';

const seed = seedOfRun();
const size = sizeOf({
  ci: { timed: 30, events: 100, kills: 4 },
  full: { timed: 200, events: 1_500, kills: 40 },
  soak: { timed: 1_000, events: 50_000, kills: 1_000 },
});
/** One bad handler delays others by less than a tenth; two milliseconds are the machine's. */
const mostSlower = 1.1;
const ofTheMachineMs = 2;

describe('T17: hostile webhook handlers, and engine and replicas killed at random', () => {
  it(
    `each event is delivered or a dead letter for each handler, and the good one waits for none (SEED=${seed})`,
    async () => {
      Logger.overrideLogger(false);
      const { figures, wrong, keptAt } = await shootAtWebhooks(size, seed);
      publish({
        name: 'T17 webhooks',
        seed,
        figures: { ...figures, wrong: wrong.join(' | ') },
        findings: [],
        keptAt,
      });
      expect(wrong).toEqual([]);
      expect(figures['kills of the engine'] ?? 0).toBeGreaterThan(0);
      expect(figures['kills of a replica'] ?? 0).toBeGreaterThan(size.kills / 3);
      // Without a crash between the answer and its writing down, nothing that matters was hit.
      expect(figures['came again to the good one']).toBeGreaterThan(0);
      const calm = figures['ms to the good one, all good'] ?? 0;
      expect(figures['… others hostile']).toBeLessThan(calm * mostSlower + ofTheMachineMs);
    },
    sizeOf({ ci: 600_000, full: 3_600_000, soak: 36_000_000 }),
  );
});
