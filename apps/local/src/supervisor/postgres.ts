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
      const onLog = (line: string) => {
        if (isNews(line)) report.line(line);
      };
      const server = await startPostgres({ ...options, onLog }).catch(asStartError);
      report.spawned({ ...server, kill: () => server.abandon() });
    },
  };
}

const milestones =
  /starting PostgreSQL|was interrupted|not properly shut down|ready to accept connections|is shut down/;

/** Of its log what a person wants to know; that it is not ready yet is known to whoever waits for it. */
export function isNews(line: string): boolean {
  if (line.startsWith('LOG:')) return milestones.test(line);
  return !/^FATAL: +the database system is (starting up|shutting down|not yet accepting connections)/.test(
    line,
  );
}

/** Only `START_FAILED` may go better the next time; the others need somebody's hand. */
function asStartError(error: unknown): never {
  if (error instanceof EmbeddedPostgresError && error.code !== 'START_FAILED')
    throw new StartError(error.code, error.message, { cause: error });
  throw error;
}
