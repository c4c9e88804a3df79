import { EmbeddedPostgresError, startPostgres } from '@app/database/embedded';
import { StartError } from '../settings.js';
import type { Part } from './part.js';

/** The embedded PostgreSQL, a process that the launcher itself looks after. */
export function postgres(options: { dataDir: string; port: number; password: string }): Part {
  return {
    name: 'postgres',
    needs: [],
    kind: 'service',
    stopWithinMs: 2_500,
    start: async (report) => {
      const server = await startPostgres({ ...options, onLog: (line) => report.line(line) }).catch(
        asStartError,
      );
      report.spawned({ ...server, kill: () => server.abandon() });
    },
  };
}

/** Only `START_FAILED` may go better the next time; the others need somebody's hand. */
function asStartError(error: unknown): never {
  if (error instanceof EmbeddedPostgresError && error.code !== 'START_FAILED')
    throw new StartError(error.code, error.message, { cause: error });
  throw error;
}
