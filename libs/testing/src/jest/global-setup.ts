import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { keeperVariable } from '../postgres/cluster.js';
import { holdKeeper } from './keeper-process.js';

/**
 * Jest's globalSetup: starts the process that keeps the run's PostgreSQL. It costs some 50 ms; the server itself
 * starts when the first spec asks for a database.
 *
 * A process group of its own, so that Ctrl-C reaches Jest only; the keeper notices that Jest has gone.
 */
export default async function globalSetup(): Promise<void> {
  const keeper = fork(join(import.meta.dirname, '../postgres/keeper.js'), {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [message] = (await once(keeper, 'message')) as [{ url: string }];
  process.env[keeperVariable] = message.url;
  holdKeeper(keeper);
}
