import { setTimeout as delay } from 'node:timers/promises';
import { EventHubConsumerClient, EventHubProducerClient, earliestEventPosition } from '@azure/event-hubs';
import { eventually, FaultyProxy, Random } from '@app/testing';
import { BrokerHarness, Reading, type Running } from '../harness.js';
import { Ledger } from './ledger.js';
import { seedOf, sizeOf } from './runs.js';

const FAULTS = sizeOf('FAULTS', 40);
const HUB = 'orders';
const PARTITIONS = ['0', '1', '2', '3'];
/** How long a sender waits for its first answer. */
const PATIENCE_MS = 1_000;
/** Longer than the test. */
const NEVER_MS = 3_600_000;

type Fault = 'reset' | 'half-open' | 'single bytes' | 'delay' | 'swallowed answers' | 'refused';
const faults: readonly Fault[] = [
  'reset',
  'reset',
  'reset',
  'half-open',
  'single bytes',
  'delay',
  'swallowed answers',
  'refused',
];

/** T10: the network between the unmodified client and the engine. */
describe(`${FAULTS} faults of the network`, () => {
  const random = new Random(seedOf('faults of the network'));
  let harness: BrokerHarness;
  let broker: Running;
  let proxy: FaultyProxy;
  let connectionString: string;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
    proxy = await FaultyProxy.to(broker.amqpPort);
    connectionString = broker.connectionString.replace(`:${broker.amqpPort}`, `:${proxy.port}`);
  });
  afterAll(async () => {
    await proxy.close();
    await harness.close();
  });

  /** A service that must get its backlog out: it sends an event again until it is acknowledged, and is never restarted. */
  class Sender {
    readonly ledger = new Ledger(true);
    attempts = 0;
    private stopping = false;
    private count = 0;
    private readonly done: Promise<void>;

    constructor(private readonly partitionId: string) {
      this.done = this.run();
    }

    /** Waits for the event that is on its way. */
    stop(): Promise<void> {
      this.stopping = true;
      return this.done;
    }

    private async run(): Promise<void> {
      let client = this.client();
      while (!this.stopping) {
        const token = `${this.partitionId}-${this.count++}`;
        this.ledger.sent(token);
        let patience = PATIENCE_MS;
        while (!(await this.attempt(client, token, patience))) {
          // What an application does whose operation was not answered in its time: a new client, and more time for
          // it, as a machine may be so busy that connecting takes longer.
          void client.close().catch(() => undefined);
          patience = Math.min(patience * 2, 8 * PATIENCE_MS);
          client = this.client();
        }
        this.ledger.accepted(token);
      }
      await client.close();
    }

    /**
     * The time-outs are the sender's own: where a connection was lost before `$cbs` answered, that of the client (core-amqp
     * 4.4.2, requestResponseLink) throws in a timer, of nobody's call, as it looks for the address of a link that is gone.
     */
    private client(): EventHubProducerClient {
      return new EventHubProducerClient(connectionString, HUB, {
        retryOptions: { maxRetries: 1, retryDelayInMs: 10, timeoutInMs: NEVER_MS },
      });
    }

    private async attempt(
      client: EventHubProducerClient,
      body: string,
      patienceMs: number,
    ): Promise<boolean> {
      this.attempts++;
      const sent = client.sendBatch([{ body }], { partitionId: this.partitionId }).then(
        () => true,
        () => false,
      );
      return Promise.race([sent, delay(patienceMs, false, { ref: false })]);
    }
  }

  const acknowledged = (senders: readonly Sender[]) =>
    senders.reduce((sum, { ledger }) => sum + ledger.acknowledgedCount, 0);

  const strike = async (fault: Fault) => {
    if (fault === 'reset') proxy.reset();
    else if (fault === 'half-open') proxy.silence();
    else if (fault === 'refused') {
      proxy.refuse();
      proxy.reset();
    } else if (fault === 'single bytes') proxy.set({ singleBytes: 2_000 });
    else if (fault === 'delay') proxy.set({ delayMs: 1 + random.below(15) });
    else proxy.set({ swallowAnswers: true });
    await delay(random.below(40)); // how long it lasts
    proxy.heal();
  };

  it(
    'lose nothing, and everything goes on without a restart',
    async () => {
      const senders = PARTITIONS.map((partition) => new Sender(partition));
      await eventually(() => acknowledged(senders) >= 100);
      const counts = new Map<Fault, number>();
      for (let i = 0; i < FAULTS; i++) {
        const fault = faults[i % faults.length] as Fault;
        const before = acknowledged(senders);
        await strike(fault);
        counts.set(fault, (counts.get(fault) ?? 0) + 1);
        // Traffic again before the next one, or the faults would meet nobody.
        await eventually(() => acknowledged(senders) > before, { timeoutMs: 60_000, intervalMs: 2 });
      }
      const last = acknowledged(senders);
      await eventually(
        () =>
          senders.every(({ ledger }) => ledger.acknowledgedCount > 0) && acknowledged(senders) > last + 20,
      );
      await Promise.all(senders.map((sender) => sender.stop()));

      const attempts = senders.reduce((sum, sender) => sum + sender.attempts, 0);
      process.stdout.write(
        `${JSON.stringify(Object.fromEntries(counts))}, ${proxy.accepted} connections, ` +
          `${acknowledged(senders)} acknowledged in ${attempts} attempts\n`,
      );
      expect(proxy.accepted).toBeGreaterThan(FAULTS / 2);
      const client = harness.consumer(broker, { hub: HUB });
      for (const [i, partition] of PARTITIONS.entries()) {
        const { lastEnqueuedSequenceNumber: end } = await client.getPartitionProperties(partition);
        const reading = new Reading(client, partition, earliestEventPosition);
        await reading.bodies(end + 1);
        const shown = reading.events.map((event) => ({
          offset: Number(event.offset),
          sequenceNumber: event.sequenceNumber,
          token: event.body as string,
        }));
        expect(senders[i]?.ledger.check(shown)).toEqual([]);
        await reading.close();
      }
    },
    180_000 + FAULTS * 500,
  );

  it('let the unmodified reader go on by itself, with nothing missing and nothing twice', async () => {
    const producer = harness.producer(broker, 'single');
    const client = new EventHubConsumerClient('$Default', connectionString, 'single', {
      retryOptions: { maxRetries: 100, retryDelayInMs: 10, maxRetryDelayInMs: 50, timeoutInMs: 2_000 },
    });
    const reading = new Reading(client, '0', earliestEventPosition, { maxBatchSize: 50 });
    const bodies: number[] = [];
    for (let i = 0; i < 10; i++) {
      const batch = Array.from({ length: 20 }, (_, j) => ({ body: i * 20 + j }));
      await producer.sendBatch(batch);
      bodies.push(...batch.map(({ body }) => body));
      if (i % 2 === 1) proxy.reset();
      await reading.until(({ events }) => events.length >= bodies.length);
    }
    expect(reading.events.map(({ body }) => body as number)).toEqual(bodies);
    await reading.close();
    await client.close();
  });
});
