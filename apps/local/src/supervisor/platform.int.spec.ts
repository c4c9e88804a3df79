import { eventually } from '@app/testing';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Platform } from './platform.js';
import { service, task } from './program.js';

/** Writes down when it starts and stops; a file `crash` makes it end before it is ready, WAIT_FOR wait for a line. */
const program = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
const say = (what) => appendFileSync(process.env.DIARY, process.env.NAME + ' ' + what + '\\n');
say('up');
console.log('hello from ' + process.env.NAME);
if (existsSync(process.env.DIARY + '.crash')) process.exit(3);
process.on('SIGTERM', () => { say('down'); process.exit(0); });
process.on('disconnect', () => process.exit(0));
setInterval(() => {}, 1000);
const { WAIT_FOR = '' } = process.env;
while (!readFileSync(process.env.DIARY, 'utf8').includes(WAIT_FOR)) await setTimeout(10);
process.send({ ready: true });
`;

describe('the platform under supervision', () => {
  let folder: string;
  let diary: string;
  let script: string;
  let platform: Platform | undefined;
  const journal = { lines: [] as string[], notes: [] as string[], pids: new Map<string, number>() };

  const part = (name: string, ...needs: string[]) =>
    service(name, { needs, script, env: { NAME: name, DIARY: diary } });
  const start = async (...parts: ReturnType<typeof part>[]) => {
    platform = new Platform(parts, {
      line: (name, text) => journal.lines.push(`${name}: ${text}`),
      note: (name, text) => journal.notes.push(`${name} ${text}`),
      spawned: (name, pid) => journal.pids.set(name, pid),
    });
    await platform.start();
  };
  const written = async () => (await readFile(diary, 'utf8')).trim().split('\n');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'platform-'));
    diary = join(folder, 'diary');
    script = join(folder, 'program.mjs');
    await writeFile(script, program);
    journal.lines.length = journal.notes.length = 0;
  });
  afterEach(async () => {
    await platform?.stop();
    platform = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  it('starts each part after what it needs, and stops it before', async () => {
    await start(part('consumer', 'profile'), part('profile', 'engine'), part('engine'));
    await platform?.stop();
    expect((await written()).join(', ')).toBe(
      'engine up, profile up, consumer up, consumer down, profile down, engine down',
    );
    expect(journal.lines).toContain('profile: hello from profile');
  });

  it('starts a part without what it only uses, and still stops it before', async () => {
    const env = { DIARY: diary };
    await start(
      service('consumer', { needs: [], uses: ['profile'], script, env: { ...env, NAME: 'consumer' } }),
      service('profile', { needs: [], script, env: { ...env, NAME: 'profile', WAIT_FOR: 'consumer up' } }),
    );
    await platform?.stop();
    expect((await written()).slice(2)).toEqual(['consumer down', 'profile down']);
  });

  it('has a part stand back that others do not wait for, and none of the others', async () => {
    const env = { DIARY: diary, NAME: 'a part' };
    await start(
      service('audit', { needs: [], script, env, nice: 5 }),
      service('profile', { needs: [], script, env }),
    );
    const niceOf = (name: string) => getPriority(journal.pids.get(name) ?? 0);
    expect([niceOf('audit'), niceOf('profile')]).toEqual([Math.min(19, getPriority() + 5), getPriority()]);
  });

  it('starts a killed part again, and says so', async () => {
    await start(part('profile'));
    const first = journal.pids.get('profile') ?? 0;
    process.kill(first, 'SIGKILL');
    await eventually(() => expect(journal.notes).toContain('profile is back'));
    expect(journal.notes).toEqual([
      'profile was ended by SIGKILL; starting it again in 0.25 s',
      'profile is back',
    ]);
    expect(journal.pids.get('profile')).not.toBe(first);
  });

  it('goes on trying a part that was up before', async () => {
    await start(part('profile'));
    await writeFile(`${diary}.crash`, '');
    process.kill(journal.pids.get('profile') ?? 0, 'SIGKILL');
    await eventually(() =>
      expect(journal.notes.at(-1)).toBe('profile ended with exit code 3; starting it again in 1 s'),
    );
    await rm(`${diary}.crash`);
    await eventually(() => expect(journal.notes.at(-1)).toBe('profile is back'));
  });

  it('gives up when a task fails', async () => {
    await writeFile(`${diary}.crash`, '');
    const failing = task('databases', { needs: [], script, env: { NAME: 'databases', DIARY: diary } });
    await expect(start(failing, part('profile', 'databases'))).rejects.toThrow(
      'databases does not start: ended with exit code 3',
    );
    await platform?.stop();
    expect(await written()).toEqual(['databases up']);
  });

  it('ends what is being started as well', async () => {
    const starting = start(part('engine'), part('profile', 'engine'));
    await eventually(() => expect(journal.pids.has('engine')).toBe(true));
    await platform?.stop();
    await starting;
    for (const pid of journal.pids.values()) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
