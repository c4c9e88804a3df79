import assert from 'node:assert/strict';
import { eventually } from '@app/testing';
import { byText, say, table } from './story.mjs';

const customers = 2_000;
const service = 'search-indexer';
const patience = { timeoutMs: 120_000, intervalMs: 250 };
const askMetrics = `fetch('http://127.0.0.1:3001/metrics').then((r) => r.text()).then((t) => console.log(t))`;

/** The partitions each replica reads, as it says itself. */
export function held(compose) {
  return compose.replicas(service).map((name) => {
    const metrics = compose.docker('exec', name, 'node', '-e', askMetrics);
    const partitions = [...metrics.matchAll(/^consumer_lag_events\{.*partition="(\d+)".*\}/gm)].map(
      ([, id]) => id,
    );
    return { name, partitions: partitions.toSorted(byText) };
  });
}

/** Once each replica has a share, and each partition one reader. */
const shared = (compose, replicas) =>
  eventually(() => {
    const shares = held(compose);
    assert.equal(shares.length, replicas);
    assert.ok(
      shares.every(({ partitions }) => partitions.length > 0),
      'a replica has nothing to read',
    );
    assert.deepEqual(shares.flatMap(({ partitions }) => partitions).toSorted(), ['0', '1', '2', '3']);
    return shares;
  }, patience);

const show = (shares) =>
  table(shares.map(({ name, partitions }) => [name, `partitions ${partitions.join(', ')}`]));

export async function scaling(compose, platform) {
  await platform.import(customers, 'Leeds');
  compose.run('up', '--detach', '--wait', '--no-recreate', '--scale', `${service}=3`);
  const shares = await shared(compose, 3);
  show(shares);
  const [{ name: victim }] = shares.toSorted((a, b) => b.partitions.length - a.partitions.length);
  const moves = platform.import(customers, 'Dover');
  await eventually(async () => (await platform.lag()) > 0, patience);
  compose.docker('kill', victim);
  say(`    ${victim} is killed while ${customers.toLocaleString('en')} customers move`);
  const killed = performance.now();
  await moves;
  await platform.settled(patience);
  const seconds = ((performance.now() - killed) / 1000).toFixed(1);
  show(await shared(compose, 2));
  assert.equal((await platform.foundIn('Dover')).size, customers, 'everybody who moved is found there');
  return `lag 0 again ${seconds} s after the kill`;
}
