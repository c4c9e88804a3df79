// The platform in containers, from its first start to its last stop: npm run test:compose [-- --keep]
// It has a project, ports, volumes and secrets of its own, and takes all of them away again, unless --keep is given.
import { parseArgs } from 'node:util';
import { Compose, refuseWithoutDocker } from './compose.mjs';
import { images } from './images.mjs';
import { platformOf } from './platform.mjs';
import { profiles } from './profiles.mjs';
import { python } from './python.mjs';
import { replay } from './replay.mjs';
import { scaling } from './scaling.mjs';
import { say, step } from './story.mjs';

const usage = 'npm run test:compose [-- --keep]';

function given() {
  try {
    return parseArgs({ options: { keep: { type: 'boolean' } } }).values;
  } catch (error) {
    console.error(`${error.message.split('. ')[0]}\n${usage}`);
    return process.exit(2);
  }
}

const { keep = false } = given();
refuseWithoutDocker();
const compose = await Compose.make('customer-profile-test');
const started = performance.now();

async function story() {
  await step('profiles say what runs', () => profiles(compose));
  await step('builds and starts, healthy in the order of what needs what', () => {
    compose.run('up', '--build', '--wait');
    return `${compose.containers().filter(({ State }) => State === 'running').length} containers`;
  });
  const platform = platformOf(compose);
  await step('the scenarios of npm run scenarios hold', () => platform.scenarios());
  // From here on it counts as a consumer: nobody can ask it what it holds, so no export is complete any more.
  await step('a consumer in Python joins', () => {
    compose.run('--profile', 'python-example', 'up', '--build', '--wait', 'python-example');
  });
  await step('images are small, nothing runs as root or writes beside its volumes', () => images(compose));
  await step('three replicas of search-indexer share the partitions, and survive a kill', () =>
    scaling(compose, platform),
  );
  await step('a replay goes on when its replica is killed', () => replay(compose, platform));
  await step('the consumer in Python has seen what the audit has', () => python(compose, platform));
}

async function takeDown() {
  if (keep) {
    say(`it runs on: docker compose -p ${compose.project} ps; docker compose -p ${compose.project} down -v`);
    return;
  }
  await step('goes without a trace', () => {
    compose.run('--profile', '*', 'down', '--volumes', '--timeout', '20');
    const left = compose.left();
    if (left.length > 0) throw new Error(`there is still ${left.join(', ')}`);
  });
}

let interrupted = false;
process.once('SIGINT', () => (interrupted = true));
try {
  await story();
} catch (error) {
  console.error(interrupted ? 'interrupted' : error.message);
  process.exitCode = 1;
  if (!interrupted && !keep) compose.keepLogs();
} finally {
  await takeDown();
}
say(`${((performance.now() - started) / 1000).toFixed(0)} s; what docker said is in ${compose.log}`);
