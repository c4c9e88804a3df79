import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { eventually, Random } from '@app/testing';
import { BrokerHarness } from '../harness.js';
import { AmqpClient } from './amqp-client.js';
import { Ledger } from './ledger.js';
import { isDead, readyPort } from './ready-port.js';
import { seedOf, sizeOf } from './runs.js';
import { assertStrace, countCalls, strace, type Call } from './system-calls.js';

const KILLS = Math.max(4, Math.round(sizeOf('KILLS', 40) / 10));
const MIB = 1024 * 1024;
/** Segments are an eighth of what is kept: each of these begins one, and lets another go. */
const EVENT_BYTES = 140_000;
const EVENTS_A_BURST = 10;
/** So many are left once a sweep is through. */
const SEGMENTS = 9;
const HUB = 'single';
const args = ['--retention-mib', '1'];
const environment = { UV_THREADPOOL_SIZE: '1' };
/** A removal: its index goes, the begin is noted (temporary file, rename), the segment goes, the folder is synced. */
const calls: readonly Call[] = ['unlink', 'unlink', 'rename', 'fsync'];

/** T3 where the engine removes: SIGKILL at the calls of a retention that has much to do. */
describe('an engine that is killed while it removes what has expired', () => {
  const random = new Random(seedOf('kills at removals'));
  const ledger = new Ledger();
  let harness: BrokerHarness;
  let sent = 0;

  beforeAll(async () => {
    assertStrace();
    harness = await BrokerHarness.create();
  });
  afterAll(() => harness.close());

  const traceFile = () => path.join(harness.folder, 'trace');
  const segments = async () => {
    const names = await readdir(path.join(harness.dataDir, 'eventhubs', HUB, '0'));
    return names.filter((name) => name.endsWith('.log')).length;
  };

  const burst = async (port: number) => {
    const client = await AmqpClient.connect(port);
    const sender = await client.sender(`${HUB}/Partitions/0`);
    const sending = Array.from({ length: EVENTS_A_BURST }, async () => {
      const token = `${sent++} ${'.'.repeat(EVENT_BYTES)}`;
      ledger.sent(token);
      const outcome = await sender.send(token);
      if (outcome === 'accepted') ledger.accepted(token);
      else if (outcome !== 'unknown') throw new Error(`refused: ${outcome.refused}`);
    });
    await Promise.all(sending);
    await client.close();
  };

  /** Sends until the engine is dead; between bursts it has the time to remove. */
  const sendUntilKilled = async (broker: ChildProcess, port: number) => {
    try {
      for (let bursts = 0; !isDead(broker); bursts++) {
        if (bursts > 10) throw new Error(`not killed: ${JSON.stringify(await countCalls(traceFile()))}`);
        await burst(port);
        await Promise.race([once(broker, 'exit'), swept(broker)]);
      }
    } catch (error) {
      if (!/connection was lost|ECONNREFUSED/.test(String(error))) throw error;
    }
  };

  /** The partition is as small as retention makes it, so the sweep is through. */
  const swept = (broker: ChildProcess) =>
    eventually(async () => isDead(broker) || (await segments()) <= SEGMENTS, { intervalMs: 20 });

  const killAt = async (call: Call, nth: number) => {
    const broker = harness.spawn(args, environment, strace(traceFile(), call, nth));
    const exited = once(broker, 'exit');
    try {
      const port = await readyPort(broker);
      if (port !== undefined) await sendUntilKilled(broker, port);
      const [, signal] = (await exited) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
    } finally {
      if (broker.connected) broker.disconnect(); // not killed: the engine stops then
    }
  };

  const checkEverything = async () => {
    const broker = await harness.start(args, environment);
    const client = await AmqpClient.connect(broker.amqpPort);
    const reading = await client.readAll(HUB, '0');
    await client.close();
    await broker.end('SIGTERM');
    const bytes = reading.reduce((sum, { token }) => sum + token.length, 0);
    return { wrong: ledger.checkExpiring(reading), kept: bytes >= MIB };
  };

  /** How many of each call it takes to start, and to remove what two bursts let go. */
  const callsOfARun = async () => {
    const broker = harness.spawn(args, environment, strace(traceFile(), 'all'));
    const exited = once(broker, 'exit');
    const port = await readyPort(broker);
    for (let i = 0; i < 2; i++) await burst(port as number);
    await swept(broker);
    broker.disconnect(); // the engine stops orderly
    await exited;
    return countCalls(traceFile());
  };

  it(
    `keeps the newest of what it acknowledged, and never brings back the oldest, through ${KILLS} kills`,
    async () => {
      const ofARun = await callsOfARun();
      expect(ofARun.unlink).toBeGreaterThan(2);
      for (let kill = 0; kill < KILLS; kill++) {
        const call = calls[kill % calls.length] as Call;
        const nth = 1 + random.below(ofARun[call]);
        await killAt(call, nth);
        const at = `kill ${kill + 1}, ${call} ${nth}`;
        expect({ at, ...(await checkEverything()) }).toEqual({ at, wrong: [], kept: true });
      }
      expect(ledger.acknowledgedCount).toBeGreaterThan(0);
    },
    60_000 + KILLS * 10_000,
  );
});
