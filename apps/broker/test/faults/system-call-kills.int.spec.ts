import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually, Random } from '@app/testing';
import { BrokerHarness } from '../harness.js';
import { AmqpClient, type EventSender } from './amqp-client.js';
import { Ledger } from './ledger.js';
import { isDead, readyPort } from './ready-port.js';
import { seedOf, sizeOf } from './runs.js';
import { assertStrace, calls, countCalls, lastTouched, strace, type Call } from './system-calls.js';

const KILLS = sizeOf('KILLS', 40);
/** Kills go on until each of these has been met. */
const mustBeTouched = ['segment', 'index', 'checkpoint', 'folder'];
const PARTITIONS = ['0', '1'];
const EVENTS_A_BURST = 12;
/** A burst fills several segments. */
const args = ['--limit', 'segmentBytes=16384'];
const environment = { UV_THREADPOOL_SIZE: '1' };

/** T3: SIGKILL at an exact system call, over and over, on one data folder. */
describe('an engine that is killed at a system call', () => {
  const random = new Random(seedOf('kills at system calls'));
  const ledgers = new Map(PARTITIONS.map((partition) => [partition, new Ledger()]));
  const touched = new Map<string, number>();
  let harness: BrokerHarness;
  let sent = 0;

  beforeAll(async () => {
    assertStrace();
    harness = await BrokerHarness.create();
  });
  afterAll(() => harness.close());

  const traceFile = () => path.join(harness.folder, 'trace');
  const ledgerOf = (partition: string) => ledgers.get(partition) as Ledger;

  const folderOf = (partition: string) => path.join(harness.dataDir, 'eventhubs/orders', partition);
  const checkpointOf = (partition: string) => readFile(path.join(folderOf(partition), 'checkpoint'), 'hex');

  /** A burst of events, in order, then a pause in which the engine writes its checkpoint. */
  const burst = async (partition: string, sender: EventSender, dead: () => boolean) => {
    const ledger = ledgerOf(partition);
    const before = await checkpointOf(partition);
    const sending = Array.from({ length: EVENTS_A_BURST }, async () => {
      const token = `${sent++} ${'.'.repeat(random.below(4_000))}`;
      ledger.sent(token);
      const outcome = await sender.send(token);
      if (outcome === 'accepted') ledger.accepted(token);
      else if (outcome !== 'unknown') throw new Error(`refused: ${outcome.refused}`);
    });
    await Promise.all(sending);
    await eventually(async () => dead() || (await checkpointOf(partition)) !== before, { intervalMs: 5 });
  };

  /** Sends until the engine is dead. */
  const sendUntilKilled = async (broker: ChildProcess, port: number) => {
    const dead = () => isDead(broker);
    try {
      const client = await AmqpClient.connect(port);
      const senders = await Promise.all(
        PARTITIONS.map((partition) => client.sender(`orders/Partitions/${partition}`)),
      );
      for (let bursts = 0; !dead(); bursts++) {
        if (bursts > 20)
          throw new Error(`20 bursts and not killed: ${JSON.stringify(await countCalls(traceFile()))}`);
        await Promise.all(
          PARTITIONS.map((partition, i) => burst(partition, senders[i] as EventSender, dead)),
        );
      }
    } catch (error) {
      if (!/connection was lost/.test(String(error))) throw error;
    }
  };

  const killAt = async (call: Call, nth: number) => {
    // What a kill may leave behind, and the only thing that a start removes.
    if (call === 'unlink') await writeFile(path.join(folderOf('0'), 'checkpoint.tmp'), 'half');
    const broker = harness.spawn(args, environment, strace(traceFile(), call, nth));
    const exited = once(broker, 'exit');
    try {
      const port = await readyPort(broker);
      if (port !== undefined) await sendUntilKilled(broker, port);
      const [, signal] = (await exited) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
      const what = await lastTouched(traceFile());
      touched.set(what, (touched.get(what) ?? 0) + 1);
      return port === undefined ? 'starting' : 'serving';
    } finally {
      if (broker.connected) broker.disconnect(); // not killed: the engine stops then
    }
  };

  /** Starts it without strace, and holds all it has against what is known. */
  const checkEverything = async () => {
    const broker = await harness.start(args, environment);
    const client = await AmqpClient.connect(broker.amqpPort);
    const wrong: string[] = [];
    for (const partition of PARTITIONS)
      wrong.push(...ledgerOf(partition).check(await client.readAll('orders', partition)));
    await client.close();
    await broker.end('SIGTERM');
    return wrong;
  };

  /** How many of each call a start makes: kills below that fall into the start, kills above into the sends. */
  const callsOfAStart = async () => {
    const broker = harness.spawn(args, environment, strace(traceFile(), 'all'));
    const exited = once(broker, 'exit');
    await readyPort(broker);
    broker.disconnect(); // the engine stops orderly; a signal would reach strace only
    await exited;
    return countCalls(traceFile());
  };

  /** The n-th call of its kind: one of the start's, or one of those that sends make. */
  const nthOf = (call: Call, inStart: boolean, starting: Record<Call, number>) => {
    if (call === 'unlink') return 1;
    return inStart ? 1 + random.below(starting[call]) : starting[call] + 1 + random.below(12);
  };

  it(
    `keeps what it acknowledged, where it stood, through ${KILLS} kills`,
    async () => {
      await callsOfAStart(); // the first makes the folders
      const starting = await callsOfAStart();
      let kills = 0;
      let startUpKills = 0;
      const missing = () => mustBeTouched.filter((what) => !touched.has(what));
      while (kills < KILLS || (missing().length > 0 && kills < KILLS + 40)) {
        const call = calls[kills % calls.length] as Call;
        const nth = nthOf(call, random.below(3) === 0, starting);
        if ((await killAt(call, nth)) === 'starting') startUpKills++;
        kills++;
        const at = `kill ${kills}, ${call} ${nth}`;
        expect({ at, wrong: await checkEverything() }).toEqual({ at, wrong: [] });
      }
      const acknowledged = [...ledgers.values()].reduce((sum, ledger) => sum + ledger.acknowledgedCount, 0);
      process.stdout.write(
        `${kills} kills, ${startUpKills} of them while starting, ${acknowledged} of ${sent} acknowledged, ` +
          `${JSON.stringify(Object.fromEntries(touched))}\n`,
      );
      expect(missing()).toEqual([]);
      expect(startUpKills).toBeGreaterThanOrEqual(KILLS / 10);
      expect(kills - startUpKills).toBeGreaterThanOrEqual(KILLS / 4);
      expect(acknowledged).toBeGreaterThanOrEqual(KILLS * 2);
    },
    60_000 + KILLS * 5_000,
  );
});
