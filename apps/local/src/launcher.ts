import { endPredecessor } from '@app/database/embedded';
import { join } from 'node:path';
import { composition } from './composition.js';
import { checkDisk } from './machine/check-disk.js';
import { checkInstall } from './machine/check-install.js';
import { checkPorts } from './machine/check-ports.js';
import { LauncherLock } from './machine/launcher-lock.js';
import { makeSecrets } from './secrets/make-secrets.js';
import { StartError, readSettings, root } from './settings.js';
import { Platform } from './supervisor/platform.js';
import { Terminal } from './terminal/terminal.js';
import { welcome } from './terminal/welcome.js';

/** Runs the platform until it is told to end. @returns the exit code */
export async function launch(env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const settings = readSettings(env);
  await checkInstall(root);
  await checkDisk(settings.dataDir);
  const lock = await LauncherLock.acquire(settings.dataDir);
  try {
    await endPredecessor(join(settings.dataDir, 'postgres'));
    await checkPorts(settings.ports);
    const parts = composition(settings, await makeSecrets(settings.secretsDir));
    const terminal = new Terminal(
      parts.map(({ name }) => name),
      process.stdout,
      env,
    );
    const platform = new Platform(parts, {
      line: (part, text) => terminal.line(part, text),
      note: (part, text) => terminal.say(`${part} ${text}`, text === 'is back' ? 'info' : 'warn'),
      spawned: (part, pid) => lock.note(part, pid),
    });
    const told = untilTold(platform, terminal);
    const failure = await Promise.race([told, platform.start().then(() => undefined, explain)]);
    if (failure === undefined) {
      terminal.say(`all ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
      terminal.block(welcome(settings, env.INIT_CWD ?? process.cwd()));
      await told;
    } else if (failure !== 'told') terminal.say(failure, 'error');
    const ending = performance.now();
    await platform.stop();
    terminal.say(`ended after ${((performance.now() - ending) / 1000).toFixed(1)} s`);
    return failure === undefined || failure === 'told' ? 0 : 1;
  } finally {
    await lock.release();
  }
}

/** The first signal ends everything in order, the second at once. A closed terminal counts as the first. */
function untilTold(platform: Platform, terminal: Terminal): Promise<'told'> {
  return new Promise((resolve) => {
    let told: number | undefined;
    const tell = (why: string) => {
      if (told !== undefined) {
        // One Ctrl-C may arrive twice: from the terminal, and passed on by npm.
        if (performance.now() - told > 500) platform.kill();
        return;
      }
      told = performance.now();
      terminal.say(`${why}: ending everything in order (once more ends it at once)`);
      resolve('told');
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => tell(signal));
    process.stdout.on('error', () => {
      if (told === undefined) tell('the terminal is gone');
    });
    onOrphaned(() => {
      if (told === undefined) tell('npm is gone');
    });
  });
}

/** Whoever ends npm means us; but npm's shell passes no signal on, and just dies. */
function onOrphaned(then: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    then();
  }, 500);
  watch.unref();
}

function explain(error: unknown): string {
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
