import { once } from 'node:events';
import Long from 'long';
import type { ServiceBusClient } from '@azure/service-bus';
import { eventually, Random, seedOfRun } from '@app/testing';
import { BrokerHarness, moveClock, type Running } from '../harness.js';

const KILLS = Number(process.env['KILLS'] ?? 5);
const COMMANDS = 600;
const MAX_DELIVERIES = 3;
const LOCK_MS = 60_000;
const isPoison = (id: string) => id.endsWith('7');

/** T14: each command is completed or a dead letter, none is lost, however often the engine is killed. */
describe('commands under SIGKILL', () => {
  let harness: BrokerHarness;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
  });
  afterAll(() => harness.close());

  it(`are completed or dead letters, in ${KILLS} kills`, async () => {
    const seed = seedOfRun();
    const random = new Random(seed);
    const acknowledged = new Set<string>();
    const completed = new Set<string>();
    /** Completed without an answer: they may be gone or not. */
    const unsure = new Set<string>();
    let next = 0;
    let killed = 0;
    /** A client hears of it before its engine's exit is seen. */
    const ended = new Set<Running>();
    /** Works until the engine dies, or as long as `goesOn`. */
    const use = async (broker: Running, goesOn: () => boolean) => {
      const died = once(broker.process, 'exit').then(() => 'died' as const);
      const client = harness.serviceBus(broker);
      const orDied = <T>(work: Promise<T>) =>
        Promise.race([
          work.catch((error: unknown) => (ended.has(broker) ? ('died' as const) : Promise.reject(error))),
          died,
        ]);
      const sends = async () => {
        const sender = client.createSender('commands');
        while (goesOn()) {
          const ids = Array.from({ length: 5 }, () => `${next++}`);
          if (next > COMMANDS) return;
          if ((await orDied(sender.sendMessages(ids.map((id) => ({ body: id, messageId: id }))))) === 'died')
            return;
          for (const id of ids) acknowledged.add(id);
        }
      };
      const works = async () => {
        const receiver = client.createReceiver('commands');
        while (goesOn()) {
          const messages = await orDied(receiver.receiveMessages(20, { maxWaitTimeInMs: 200 }));
          if (messages === 'died') return;
          for (const message of messages) {
            const id = String(message.messageId);
            if ((message.deliveryCount ?? 0) >= MAX_DELIVERIES)
              throw new Error(`${id} was delivered too often`);
            if (!isPoison(id)) unsure.add(id);
            const work = isPoison(id) ? receiver.abandonMessage(message) : receiver.completeMessage(message);
            if ((await orDied(work)) === 'died') return;
            if (isPoison(id)) continue;
            if (completed.has(id)) throw new Error(`${id} was completed twice`);
            completed.add(id);
            unsure.delete(id);
          }
        }
      };
      await Promise.all([sends(), works()]);
      return client;
    };
    for (let i = 0; i < KILLS; i++) {
      const broker = await harness.start([], { CLOCK: 'virtual' });
      const target = completed.size + 10 + random.below(60);
      const using = use(broker, () => true);
      const ending = (async () => {
        await eventually(() => completed.size >= target, { timeoutMs: 30_000, intervalMs: 2 });
        ended.add(broker);
        await broker.end('SIGKILL');
        killed++;
      })();
      await Promise.all([using, ending]);
    }
    const broker = await harness.start([], { CLOCK: 'virtual' });
    const client = await drained(broker, use);
    const letters = await deadLetters(client);
    expect({ killed, seed }).toEqual({ killed: KILLS, seed });
    // What was answered by nobody may be there or not; what was, is one or the other.
    const lost = [...acknowledged].filter((id) => !completed.has(id) && !unsure.has(id) && !letters.has(id));
    expect({ lost, seed }).toEqual({ lost: [], seed });
    // The dead letters are exactly the poison, as far as it was taken.
    expect([...letters].filter((id) => !isPoison(id) || completed.has(id))).toEqual([]);
    expect([...acknowledged].filter((id) => isPoison(id) && !letters.has(id))).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(100);
  }, 120_000);

  /** Locks of the killed expire, and everything is worked on until nothing is left. */
  async function drained(
    broker: Running,
    use: (broker: Running, goesOn: () => boolean) => Promise<ServiceBusClient>,
  ): Promise<ServiceBusClient> {
    const browser = harness.serviceBus(broker);
    let left = true;
    const using = use(broker, () => left);
    await moveClock(broker, LOCK_MS);
    const peeker = browser.createReceiver('commands');
    while (left) left = (await peeker.peekMessages(1, { fromSequenceNumber: Long.ONE })).length > 0;
    await using;
    return browser;
  }

  async function deadLetters(client: ServiceBusClient): Promise<Set<string>> {
    const receiver = client.createReceiver('commands', {
      subQueueType: 'deadLetter',
      receiveMode: 'receiveAndDelete',
    });
    const ids = new Set<string>();
    for (;;) {
      const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 300 });
      for (const { messageId, deadLetterReason } of messages) {
        if (deadLetterReason !== 'MaxDeliveryCountExceeded')
          throw new Error(`${String(messageId)}: ${deadLetterReason}`);
        ids.add(String(messageId));
      }
      if (messages.length === 0) return ids;
    }
  }
});
