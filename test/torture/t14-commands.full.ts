import { Logger } from '@nestjs/common';
import { seedOfRun } from '@app/testing';
import { shootAtCommands } from './commands/shoot-at-commands.js';
import { publish, sizeOf } from './support/runs.js';

const seed = seedOfRun();
const size = sizeOf({
  ci: { commands: 600, kills: 12, poisonOneIn: 20 },
  full: { commands: 20_000, kills: 300, poisonOneIn: 100 },
  soak: { commands: 200_000, kills: 3_000, poisonOneIn: 100 },
});

describe('T14: engine and worker are killed at random under commands', () => {
  it(
    `and each is mailed under one Message-ID, or is the dead letter it must be (SEED=${seed})`,
    async () => {
      Logger.overrideLogger(false);
      const { figures, wrong, keptAt } = await shootAtCommands(size, seed);
      publish({
        name: 'T14 commands',
        seed,
        figures: { ...figures, wrong: wrong.join(' | ') },
        findings: [],
        keptAt,
      });
      expect(wrong).toEqual([]);
      expect(figures['kills of the engine'] ?? 0).toBeGreaterThan(size.kills / 4);
      expect(figures['kills of the worker'] ?? 0).toBeGreaterThan(size.kills / 4);
      expect((figures['kills of the engine'] ?? 0) + (figures['kills of the worker'] ?? 0)).toBe(size.kills);
      // Without a crash between the 250 and the commit, nothing that matters was hit.
      expect(figures['mails that came again']).toBeGreaterThan(0);
    },
    sizeOf({ ci: 600_000, full: 3_600_000, soak: 36_000_000 }),
  );
});
