import { earliestEventPosition, latestEventPosition, type EventPosition } from '@azure/event-hubs';
import { BrokerHarness, Reading, type Running } from '../harness.js';

/** The unmodified `@azure/event-hubs` client against the engine as a process. */
describe('an Event Hubs client', () => {
  let harness: BrokerHarness;
  let broker: Running;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
  });
  afterEach(() => harness.closeClients());
  afterAll(() => harness.close());

  const read = (partition: string, startPosition: EventPosition, group = '$Default', options = {}) =>
    new Reading(harness.consumer(broker, { group }), partition, startPosition, options);

  describe('sends', () => {
    it('to a partition, and reads back what it sent', async () => {
      const producer = harness.producer(broker);
      const properties = { text: 'ö', number: 3.5, yes: true };
      const event = {
        body: { hello: ['world'] },
        properties,
        messageId: 'm1',
        correlationId: 'c1',
        contentType: 'application/json',
      };
      const before = Date.now();
      await producer.sendBatch([event], { partitionId: '0' });
      const reading = read('0', earliestEventPosition);
      await reading.bodies(1);
      expect(reading.events[0]).toMatchObject({ ...event, sequenceNumber: 0, offset: '0' });
      const enqueued = reading.events[0]?.enqueuedTimeUtc.getTime() ?? 0;
      expect(enqueued).toBeGreaterThanOrEqual(before);
      expect(enqueued).toBeLessThanOrEqual(Date.now());
    });

    it('a full batch, in order, with offsets that grow', async () => {
      const producer = harness.producer(broker);
      const batch = await producer.createBatch({ partitionId: '1' });
      expect(batch.maxSizeInBytes).toBe(1_048_576);
      while (batch.tryAdd({ body: `${batch.count}${'x'.repeat(10_000)}` }));
      await producer.sendBatch(batch);
      const reading = read('1', earliestEventPosition);
      const bodies = await reading.bodies(batch.count);
      expect(bodies.map((body) => parseInt(String(body), 10))).toEqual([...Array(batch.count).keys()]);
      const offsets = reading.events.map(({ offset }) => Number(offset));
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      expect(new Set(offsets).size).toBe(batch.count);
    });

    it('by key: the same key goes to Azure’s partition for it', async () => {
      const producer = harness.producer(broker);
      const count = async () =>
        Promise.all(
          ['0', '1', '2', '3'].map(
            async (id) => (await producer.getPartitionProperties(id)).lastEnqueuedSequenceNumber,
          ),
        );
      const before = await count();
      for (let i = 0; i < 3; i++)
        await producer.sendBatch([{ body: i }, { body: i }], { partitionKey: 'alphabet' });
      const after = await count();
      expect(after.map((n, i) => n - (before[i] as number))).toEqual([0, 0, 6, 0]);
      const reading = read('2', earliestEventPosition);
      await reading.bodies(6);
      expect(reading.events[0]?.partitionKey).toBe('alphabet');
    });

    it('without a key to every partition in turn', async () => {
      const producer = harness.producer(broker);
      const size = async () =>
        (await Promise.all(['0', '1', '2', '3'].map((id) => producer.getPartitionProperties(id)))).map(
          (p) => p.lastEnqueuedSequenceNumber,
        );
      const before = await size();
      for (let i = 0; i < 4; i++) await producer.sendBatch([{ body: i }]);
      expect((await size()).map((n, i) => n - (before[i] as number))).toEqual([1, 1, 1, 1]);
    });

    it('bodies of every kind', async () => {
      const producer = harness.producer(broker, 'single');
      const bodies = ['text', 7, null, [1, { a: 'b' }], Buffer.from([1, 2, 3, 255])];
      await producer.sendBatch(bodies.map((body) => ({ body: body as unknown })));
      await producer.sendBatch([
        { body: [1, 'two'], bodyType: 'sequence' },
        { body: 'value', bodyType: 'value' },
      ]);
      const reading = new Reading(harness.consumer(broker, { hub: 'single' }), '0', earliestEventPosition);
      expect(await reading.bodies(7)).toEqual([...bodies, [1, 'two'], 'value']);
    });

    it('many batches at once, each kept whole', async () => {
      const producer = harness.producer(broker);
      const { lastEnqueuedSequenceNumber: last } = await producer.getPartitionProperties('3');
      const batches = Array.from({ length: 40 }, (_, b) => [0, 1, 2].map((i) => ({ body: `${b}:${i}` })));
      await Promise.all(batches.map((events) => producer.sendBatch(events, { partitionId: '3' })));
      const reading = read('3', { sequenceNumber: last, isInclusive: false });
      const bodies = (await reading.bodies(120)) as string[];
      expect(bodies).toEqual(
        bodies.flatMap((body, i) => (i % 3 === 0 ? [0, 1, 2].map((n) => `${body.split(':')[0]}:${n}`) : [])),
      );
    });
  });

  describe('reads', () => {
    let base: number;
    let middle: { offset: string; sequenceNumber: number; enqueuedTimeUtc: Date };
    beforeAll(async () => {
      const producer = harness.producer(broker);
      base = (await producer.getPartitionProperties('0')).lastEnqueuedSequenceNumber + 1;
      for (let i = 0; i < 6; i++) {
        await producer.sendBatch([{ body: `event ${i}` }], { partitionId: '0' });
        const { lastEnqueuedOnUtc } = await producer.getPartitionProperties('0');
        while (Date.now() <= lastEnqueuedOnUtc.getTime()); // a time of its own for each
      }
      const reading = read('0', earliestEventPosition);
      await reading.bodies(base + 6);
      middle = reading.events[base + 3] as never;
    });
    const from = (i: number) => Array.from({ length: 6 - i }, (_, n) => `event ${i + n}`);

    it.each([
      ['an offset', () => ({ offset: middle.offset }), 4],
      ['an offset, inclusive', () => ({ offset: middle.offset, isInclusive: true }), 3],
      ['a sequence number', () => ({ sequenceNumber: middle.sequenceNumber }), 4],
      [
        'a sequence number, inclusive',
        () => ({ sequenceNumber: middle.sequenceNumber, isInclusive: true }),
        3,
      ],
      ['a time', () => ({ enqueuedOn: middle.enqueuedTimeUtc }), 4],
      ['a time just before', () => ({ enqueuedOn: new Date(middle.enqueuedTimeUtc.getTime() - 1) }), 3],
    ] as const)('from %s', async (_name, start, first) => {
      expect(await read('0', start()).bodies(6 - first)).toEqual(from(first));
    });

    it('from the end: only what is sent afterwards, and at once', async () => {
      const producer = harness.producer(broker);
      const reading = read('0', latestEventPosition, 'billing');
      // A link is open once the engine lists it: a first event that it must not miss tells so.
      for (let i = 0; reading.events.length === 0; i++)
        await producer.sendBatch([{ body: `new ${i}` }], { partitionId: '0' });
      expect(String(reading.events[0]?.body)).toMatch(/^new /);
      const seen = reading.events.length;
      await producer.sendBatch([{ body: 'last' }], { partitionId: '0' });
      await reading.until(({ events }) => events.at(-1)?.body === 'last');
      expect(reading.events.length).toBeGreaterThan(seen);
    });

    it('with the end of the partition told beside each event', async () => {
      const told: unknown[] = [];
      const consumer = harness.consumer(broker);
      const last = await consumer.getPartitionProperties('0');
      await new Promise<void>((resolve) => {
        consumer.subscribe(
          '0',
          {
            processEvents: async (events, { lastEnqueuedEventProperties }) => {
              told.push(lastEnqueuedEventProperties);
              if (events.length > 0) resolve();
            },
            processError: async () => undefined,
          },
          { startPosition: earliestEventPosition, trackLastEnqueuedEventProperties: true },
        );
      });
      expect(told[0]).toMatchObject({
        sequenceNumber: last.lastEnqueuedSequenceNumber,
        offset: last.lastEnqueuedOffset,
        enqueuedOn: last.lastEnqueuedOnUtc,
      });
    });

    it('in several groups, each on its own', async () => {
      for (const group of ['$default', 'billing', 'shipping']) {
        const bodies = await read('0', { sequenceNumber: base, isInclusive: true }, group).bodies(6);
        expect(bodies.slice(0, 6)).toEqual(from(0));
      }
    });

    it('more than memory holds, from the disk', async () => {
      const producer = harness.producer(broker, 'single');
      const { lastEnqueuedSequenceNumber: last } = await producer.getPartitionProperties('0');
      for (let b = 0; b < 30; b++) {
        const batch = await producer.createBatch();
        for (let i = 0; i < 100; i++) batch.tryAdd({ body: `${b * 100 + i}${' '.repeat(8_000)}` });
        await producer.sendBatch(batch);
      }
      const consumer = harness.consumer(broker, { hub: 'single' });
      const reading = new Reading(consumer, '0', { sequenceNumber: last }, { skipParsingBodyAsJson: true });
      const bodies = await reading.bodies(3_000);
      expect(bodies.map((body) => parseInt(String(body).replace('"', ''), 10))).toEqual([
        ...Array(3_000).keys(),
      ]);
    });
  });
});
