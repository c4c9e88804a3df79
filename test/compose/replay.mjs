import assert from 'node:assert/strict';
import { eventually } from '@app/testing';
import { say } from './story.mjs';

const patience = { timeoutMs: 180_000, intervalMs: 100 };

/** Reads the whole stream again; a replica is killed in its midst, and the others end what it had begun. */
export async function replay(compose, platform) {
  const before = await platform.foundIn('Dover');
  const status = () => platform.get('search-indexer', '/admin/replay');
  await platform.post('search-indexer', '/admin/replay', { from: 'earliest' });
  const [victim] = compose.replicas('search-indexer');
  compose.docker('kill', victim);
  // A connection that led to who has gone breaks off: asked again, another answers.
  const midst = (await eventually(status, patience)).state;
  say(`    ${victim} is killed while the replay is ${midst}`);
  await eventually(async () => (await status()).state === 'finished', patience);
  assert.deepEqual(await platform.foundIn('Dover'), before);
  // One again, as it was.
  compose.run('up', '--detach', '--wait', '--scale', 'search-indexer=1');
  return `${before.size.toLocaleString('en')} customers as before`;
}
