import { partitionForKey } from '@app/contracts';
import { eventually, type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { NoteEach } from '../../test-support/handlers.js';
import { sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';
import { ReplayService } from '../index.js';
import { replayFrom } from './replay-request.js';

/** A MiB stays of a partition: the last dozen of events like these. */
const large = 90_000;
const sent = 40;

describe('a replay, once retention has removed the beginning of the log', () => {
  let broker: StartedBroker;
  let stage: Stage;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(1), env: { BROKER_RETENTION_MIB: '1' } });
    stage = await Stage.open(broker, 'hub-0', await testDatabase());
  });
  afterAll(async () => {
    await stage.close();
    await broker.stop();
  });

  it('begins at the first event that is there, and is refused from before it', async () => {
    const consumer = await stage.start([NoteEach]);
    await consumer.server.whenConnected();
    const customer = randomUUID();
    const partitionId = String(partitionForKey(customer, 4));
    for (let version = 1; version <= sent; version++) {
      const event = sealedEvent(stage.keys, customer, version);
      event.data.changed = ['x'.repeat(large)];
      await stage.send(event);
    }
    const replays = consumer.app.get(ReplayService);
    const begin = (from: unknown) =>
      replays.begin({ from: replayFrom(from), effects: false, actor: 'the spec' });
    const firstThere = async () => {
      const { partitions } = await consumer.server.log();
      return partitions.find((partition) => partition.partitionId === partitionId)?.first ?? 0;
    };
    // Segments go one after the other: until it is quiet, the first event is another each time.
    const first = await eventually(
      async () => {
        const start = await firstThere();
        expect(start).toBeGreaterThan(sent / 2);
        const positions = expect.arrayContaining([{ partitionId, first: start }]) as unknown;
        const gone = { document: { status: 409, partitions: positions } };
        await expect(begin({ [partitionId]: start - 1 })).rejects.toMatchObject(gone);
        await expect(begin('2000-01-01T00:00:00Z')).rejects.toMatchObject(gone);
        return start;
      },
      { timeoutMs: 20_000 },
    );
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const before = await timesApplied(stage);
    const begun = (await begin('earliest')).partitions.find(
      (partition) => partition.partitionId === partitionId,
    );
    expect(begun?.from).toBeGreaterThanOrEqual(first);
    expect(begun?.until).toBe(sent - 1);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    // What retention removed after the replay began need not have been read again. The rest was, once.
    const stayed = await firstThere();
    expect(stayed).toBeLessThan(sent);
    const after = await timesApplied(stage);
    const again = after.map((times, sequenceNumber) => times - (before[sequenceNumber] ?? 0));
    expect(again.slice(stayed).every((times) => times === 1)).toBe(true);
    expect(again.slice(0, begun?.from).every((times) => times === 0)).toBe(true);
  });
});

/** By sequence number: they are all of one customer, in one partition, so that it is one less than the version. */
async function timesApplied(stage: Stage): Promise<number[]> {
  const times = Array.from({ length: sent }, () => 0);
  for (const { version } of await stage.effects()) {
    const sequenceNumber = Number(version) - 1;
    times[sequenceNumber] = (times[sequenceNumber] ?? 0) + 1;
  }
  return times;
}
