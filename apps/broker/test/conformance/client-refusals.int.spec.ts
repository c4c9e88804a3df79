import { earliestEventPosition, type EventPosition } from '@azure/event-hubs';
import { BrokerHarness, Reading, type Running } from '../harness.js';

/** What the unmodified `@azure/event-hubs` client is told, and refused, by the engine as a process. */
describe('an Event Hubs client', () => {
  let harness: BrokerHarness;
  let broker: Running;
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
    for (const partitionId of ['0', '1']) {
      await harness.producer(broker).sendBatch([{ body: 'there' }], { partitionId });
    }
  });
  afterEach(() => harness.closeClients());
  afterAll(() => harness.close());

  const read = (partition: string, startPosition: EventPosition, group = '$Default', options = {}) =>
    new Reading(harness.consumer(broker, { group }), partition, startPosition, options);

  describe('is told what there is', () => {
    it('a hub and its partitions', async () => {
      const producer = harness.producer(broker);
      const hub = await producer.getEventHubProperties();
      expect(hub).toMatchObject({
        name: 'orders',
        partitionIds: ['0', '1', '2', '3'],
        isGeoDrEnabled: false,
      });
      expect(Math.abs(hub.createdOn.getTime() - Date.now())).toBeLessThan(120_000);
      const single = harness.producer(broker, 'single');
      expect(await single.getPartitionIds()).toEqual(['0']);
    });

    it.each([
      [
        'an unknown hub',
        'MessagingEntityNotFoundError',
        () => harness.producer(broker, 'nowhere').sendBatch([{ body: 1 }]),
      ],
      [
        'an unknown hub’s properties',
        'MessagingEntityNotFoundError',
        () => harness.producer(broker, 'nowhere').getEventHubProperties(),
      ],
      [
        'an unknown partition',
        'ArgumentOutOfRangeError',
        () => harness.producer(broker).sendBatch([{ body: 1 }], { partitionId: '4' }),
      ],
      [
        'a partition that is no number',
        'ArgumentOutOfRangeError',
        () => read('XYZ', earliestEventPosition).bodies(1),
      ],
      [
        'an unknown partition’s properties',
        'ArgumentOutOfRangeError',
        () => harness.producer(broker).getPartitionProperties('-1'),
      ],
      [
        'an unknown group',
        'MessagingEntityNotFoundError',
        () => read('0', earliestEventPosition, 'nobody').bodies(1),
      ],
      ['an offset behind the end', 'ArgumentError', () => read('0', { offset: '999999999999' }).bodies(1)],
      [
        'a sequence number behind the end',
        'ArgumentError',
        () => read('0', { sequenceNumber: 99_999 }).bodies(1),
      ],
    ])('%s: %s', async (_name, code, use) => {
      await expect(use()).rejects.toMatchObject({ code });
    });

    it('a wrong key: unauthorized', async () => {
      const wrong = {
        ...broker,
        connectionString: broker.connectionString.replace('SAS_KEY_VALUE', 'guess'),
      };
      await expect(harness.producer(wrong).sendBatch([{ body: 1 }])).rejects.toMatchObject({
        code: 'UnauthorizedError',
      });
      await expect(harness.producer(wrong).getEventHubProperties()).rejects.toMatchObject({
        code: 'UnauthorizedError',
      });
    });

    it('an event that is too large', async () => {
      const producer = harness.producer(broker);
      await expect(producer.sendBatch([{ body: 'x'.repeat(1_100_000) }])).rejects.toMatchObject({
        code: 'MessageTooLargeError',
      });
      await producer.sendBatch([{ body: 'small' }]); // the client recovers with a new link
    });
  });

  describe('shares a partition', () => {
    it('with four others, not with five', async () => {
      const readings = Array.from({ length: 5 }, () => read('1', earliestEventPosition, 'shipping'));
      for (const reading of readings) await reading.bodies(1);
      await expect(read('1', earliestEventPosition, 'shipping').bodies(1)).rejects.toMatchObject({
        code: 'QuotaExceededError',
      });
      await readings[0]?.close();
      await read('1', earliestEventPosition, 'shipping').bodies(1);
    });

    it('with nobody once it has an owner level; an equal one takes it', async () => {
      const plain = read('1', earliestEventPosition, 'billing');
      await plain.bodies(1);
      const owner = read('1', earliestEventPosition, 'billing', { ownerLevel: 1 });
      await owner.bodies(1);
      await plain.until(({ errors }) => errors.length > 0);
      expect(plain.errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' });
      await expect(
        read('1', earliestEventPosition, 'billing', { ownerLevel: 0 }).bodies(1),
      ).rejects.toMatchObject({
        code: 'ReceiverDisconnectedError',
      });
      await expect(read('1', earliestEventPosition, 'billing').bodies(1)).rejects.toMatchObject({
        code: 'ReceiverDisconnectedError',
      });
      const equal = read('1', earliestEventPosition, 'billing', { ownerLevel: 1 });
      await equal.bodies(1);
      await owner.until(({ errors }) => errors.length > 0);
      expect(owner.errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' });
      expect(equal.errors).toEqual([]);
    });
  });
});
