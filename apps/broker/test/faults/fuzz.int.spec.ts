import path from 'node:path';
import { eventually, Random } from '@app/testing';
import { BrokerHarness, type Running } from '../harness.js';
import { Bystander } from './bystander.js';
import { FrameFuzzer } from './fuzz-frames.js';
import { MemoryWatch, residentBytes } from './process-usage.js';
import { seedOf, sizeOf } from './runs.js';
import {
  amqp,
  attachReceiver,
  attachSender,
  authenticate,
  begin,
  flow,
  header,
  open,
  RawClient,
  saslHeader,
} from './raw-client.js';

const FRAMES = sizeOf('FRAMES', 20_000);
const AT_A_TIME = 8;
const MiB = 1024 * 1024;
const MOST_BYTES = 256 * MiB;
const LONGEST_TURN_MS = 100;

const strangers = Buffer.concat([header, open, begin()]);
const members = Buffer.concat([
  header,
  open,
  authenticate,
  attachSender(2, 'orders/Partitions/1'),
  attachSender(3, 'orders'),
  attachReceiver(4, 'orders/ConsumerGroups/billing/Partitions/1'),
  flow(4, 50),
  attachReceiver(5, '$management', { name: 'answers' }),
  attachSender(6, '$management'),
]);

/** T18: frames that no client should send, before and after authentication. */
describe(`${FRAMES} fuzzed frames`, () => {
  const seed = seedOf('fuzzed frames');
  let harness: BrokerHarness;
  let broker: Running;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    const monitor = path.join(import.meta.dirname, 'turn-monitor.mjs');
    const limits = ['maxReaders=1000'].flatMap((limit) => ['--limit', limit]);
    broker = await harness.start(limits, { NODE_OPTIONS: `--import=${monitor}` });
  });
  afterAll(() => harness.close());

  /** What became of a connection: the condition it was closed with, or `survived`. */
  const outcomes = new Map<string, number>();
  let frames = 0;
  const framesLeft = () => FRAMES - frames;
  const isRunning = () => broker.process.exitCode === null && broker.process.signalCode === null;

  /** One connection with frames of a seed of its own; `SEED=` and this number repeat it. */
  const run = async (number: number) => {
    const random = new Random(seed + number);
    const fuzzer = new FrameFuzzer(random);
    const stage = random.pick([
      'sasl',
      'stranger',
      'member',
      'member',
      'member',
      'member',
      'member',
      'member',
    ]);
    const count = 1 + random.below(16);
    const client = await RawClient.connect(broker.amqpPort);
    const made = Array.from({ length: count }, () => (stage === 'sasl' ? fuzzer.sasl() : fuzzer.next()));
    client.say({ sasl: saslHeader, stranger: strangers, member: members }[stage] as Buffer, ...made);
    client.say(amqp('close', {}));
    client.socket.end();
    await client.until(() => client.socket.destroyed);
    frames += count;
    const [condition] =
      /amqp:[a-z:-]+error|amqp:not-allowed|amqp:resource-limit-exceeded/.exec(client.heard) ?? [];
    const outcome = `${stage} ${condition ?? 'survived'}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  };

  it(
    'end no process, stall no loop, cost bounded memory and harm nobody',
    async () => {
      const pid = broker.process.pid as number;
      const bystander = new Bystander(harness, broker);
      const before = await residentBytes(pid);
      const watch = new MemoryWatch(pid);
      let number = 0;
      const worker = async () => {
        while (isRunning() && framesLeft() > 0) await run(number++);
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, worker));
      expect(isRunning()).toBe(true);
      const grown = (await watch.stop()) - before;
      broker.process.kill('SIGUSR2');
      const turn = await eventually(
        () => /longest turn: ([\d.]+) ms/.exec(broker.output.join(''))?.[1] ?? false,
      );
      const { wrong, events } = await bystander.stop();
      process.stdout.write(
        `${frames} frames on ${number} connections: longest turn ${turn} ms, ${Math.round(grown / MiB)} MiB more, ` +
          `${events} events of the bystander; ${JSON.stringify(Object.fromEntries(outcomes))}\n`,
      );
      expect(wrong).toEqual([]);
      expect(events).toBeGreaterThan(100);
      expect(Number(turn)).toBeLessThan(LONGEST_TURN_MS);
      expect(grown).toBeLessThan(MOST_BYTES);
      expect(broker.output.join('')).not.toMatch(/ at .*\.js:\d+|TypeError|RangeError/);
      // The fuzzer did its work: it got past the guard, and was stopped at every door.
      for (const outcome of ['member survived', 'member amqp:decode-error', 'member amqp:not-allowed'])
        expect(outcomes.get(outcome) ?? 0).toBeGreaterThan(number / 50);
    },
    60_000 + FRAMES * 10,
  );
});
