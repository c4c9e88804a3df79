import { once } from 'node:events';
import { releaseKeeper } from './keeper-process.js';

/** Jest's globalTeardown: the keeper stops PostgreSQL, takes its folder away and ends. */
export default async function globalTeardown(): Promise<void> {
  const keeper = releaseKeeper();
  if (!keeper || keeper.exitCode !== null) return;
  const exited = once(keeper, 'exit');
  keeper.disconnect();
  await exited;
}
