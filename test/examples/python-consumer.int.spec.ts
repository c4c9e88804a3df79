import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type EventOf, partitionForKey, toApplicationProperties } from '@app/contracts';
import { EventHubsSender } from '@app/event-hubs';
import { eventually, startBroker, type StartedBroker, workspaceRoot } from '@app/testing';
import { sealed } from '@app/testing/consumer';
import { lives } from '@app/testing/events';
import * as fc from 'fast-check';
import { ProfileStandIn } from '../support/profile-stand-in.js';

const folder = path.join(workspaceRoot, 'examples/python-consumer');
const requirements = path.join(folder, 'requirements.txt');
/** Out of the tracked files, and kept from run to run; the copy of the requirements says that it is whole. */
const venv = path.join(workspaceRoot, 'node_modules/.cache/example-python');
const mark = path.join(venv, 'requirements.txt');

async function makeVenv(): Promise<void> {
  const wanted = await readFile(requirements, 'utf8');
  if (existsSync(mark) && (await readFile(mark, 'utf8')) === wanted) return;
  const run = promisify(execFile);
  await rm(venv, { recursive: true, force: true });
  await mkdir(path.dirname(venv), { recursive: true });
  await run('python3', ['-m', 'venv', venv]);
  await run(path.join(venv, 'bin/python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--requirement',
    requirements,
  ]);
  await writeFile(mark, wanted);
}

interface Line {
  id: string;
  type: string;
  subject: string;
  version?: number;
}

describe('the consumer in Python', () => {
  const profile = new ProfileStandIn();
  let broker: StartedBroker;
  let sender: EventHubsSender;
  let scratch: string;
  let child: ChildProcess | undefined;
  let lines: Line[] = [];

  const start = () => {
    child = spawn(path.join(venv, 'bin/python'), ['consumer.py'], {
      cwd: folder,
      env: {
        ...process.env,
        EVENTHUBS_CONNECTION_STRING: broker.connectionString,
        PROFILE_URL: profile.url,
        TOKEN: profile.token,
        STORE: path.join(scratch, 'customers.sqlite'),
        PYTHONDONTWRITEBYTECODE: '1',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = JSON.parse(text) as Line;
        if (line.id !== undefined) lines.push(line);
      });
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const publish = async (events: readonly EventOf[]) => {
    for (const event of events) {
      const { data, ...attributes } = sealed(event, profile.keys);
      const applicationProperties = toApplicationProperties(attributes);
      const message = { id: event.id, applicationProperties, body: JSON.stringify(data) };
      await sender.send(String(partitionForKey(event.subject, 4)), [message]);
    }
  };

  beforeAll(async () => {
    await makeVenv();
    scratch = await mkdtemp(path.join(tmpdir(), 'python-consumer-'));
    broker = await startBroker();
    sender = new EventHubsSender({
      connectionString: broker.connectionString,
      eventHubName: 'customer-events',
    });
    await profile.listen();
  }, 300_000);
  afterAll(async () => {
    await kill();
    await sender.close();
    await profile.close();
    await broker.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  it('handles what it wants once, in order and opened, over a kill; and confirms who was erased', async () => {
    const types = ['AddressChanged', 'ConsentChanged'] as const;
    const events = fc.sample(lives(types, { customers: 6 }), 20).flat() as EventOf[];
    const wanted = events.filter(({ type }) => type !== 'ConsentChanged');
    await publish(events);
    // Killed in the middle: what was told and not committed is told again, and nothing is left out.
    start();
    await eventually(() => lines.length >= 10, { timeoutMs: 60_000 });
    await kill();
    const before = lines;
    lines = [];
    start();
    const erased = new Set(
      events.filter(({ type }) => type === 'CustomerErased').map(({ subject }) => subject),
    );
    await publish(events.filter(({ subject }) => !erased.has(subject)).slice(-5)); // what a relay sends again
    const all = () => [...before, ...lines];
    const seen = () => new Map(all().map((line) => [line.id, line]));
    await eventually(() => seen().size >= wanted.length, { timeoutMs: 60_000 });

    expect([...seen().keys()].toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
    const changes = wanted.filter(({ type }) => type !== 'CustomerErased');
    for (const { id, customerversion } of changes) expect(seen().get(id)?.version).toBe(customerversion);
    const told = lines.filter(({ version }) => version !== undefined);
    for (const { subject, version = 0 } of told) {
      const versions = told.filter((line) => line.subject === subject).map((line) => line.version);
      expect(versions).toEqual([...new Set(versions)].toSorted((a = 0, b = 0) => a - b));
      expect(versions).toContain(version);
    }
    const erasures = events.flatMap((event) => (event.type === 'CustomerErased' ? event.data.erasureId : []));
    await eventually(() => erasures.every((id) => profile.confirmed.has(id)), { timeoutMs: 30_000 });
    expect(profile.registered).toEqual(new Set(['python-example']));
  }, 180_000);
});
