import type { CustomerEvent } from '@app/contracts';
import { eventually, testDatabase } from '@app/testing';
import { NoteBatch, NoteEach } from '../../test-support/handlers.js';
import {
  customers,
  ended,
  NoteReplay,
  partitionOf,
  replay,
  replayCases,
  status,
} from '../../test-support/replay-cases.js';
import { Stage } from '../../test-support/stage.js';

describe('a replay, on the real engine', () => {
  const on = replayCases(10);

  it.each([NoteEach, NoteBatch])(
    'from the start handles every event once more, in order: %p',
    async (handlers) => {
      const sent = on.events(customers(40), 10);
      await on.stage.send(...sent, ...sent.slice(380));
      const consumer = await on.stage.start([handlers]);
      await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
      await on.stage.sql.query('TRUNCATE effect');

      const begun = await replay(consumer, 'earliest');
      expect(begun.generation).toBe(2);
      expect(begun.partitions.map(({ partitionId, from }) => [partitionId, from])).toEqual(
        ['0', '1', '2', '3'].map((id) => [id, 0]),
      );
      await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
      await on.expectTimes(sent, 1);
      expect(await on.stage.reordered()).toBe(0);
      await ended(consumer);
      expect((await status(consumer)).partitions.map(({ eventsLeft }) => eventsLeft)).toEqual([0, 0, 0, 0]);
    },
  );

  it('touches no other group', async () => {
    const other = await Stage.open(on.broker, on.stage.hub, await testDatabase());
    Object.assign(other, { keys: on.stage.keys });
    try {
      const sent = on.events(customers(5), 2);
      const audit = await other.start([NoteEach], { consumerGroup: 'audit' });
      const consumer = await on.stage.start([NoteEach]);
      await on.stage.send(...sent);
      await Promise.all([consumer, audit].map(({ waits }) => waits.whenCaughtUp({ timeoutMs: 20_000 })));
      await replay(consumer, 'earliest');
      await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
      await on.expectTimes(sent, 2);
      expect((await other.effects()).length).toBe(sent.length);
      const { rows } = await other.sql.query('SELECT DISTINCT generation FROM partition_position');
      expect(rows).toEqual([{ generation: 1 }]);
    } finally {
      await other.close();
    }
  });

  it('from positions leaves alone what lies before them, and says which is which', async () => {
    const [id = ''] = customers(1);
    const sent = on.events([id], 10);
    await on.stage.send(...sent);
    const consumer = await on.stage.start([NoteEach]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const partitionId = partitionOf(sent[0] as CustomerEvent);
    await replay(consumer, { [partitionId]: 6 });
    const stateOf = async (n: number, place = true) => {
      const hints = place ? { place: { partitionId, sequenceNumber: n } } : {};
      return (await consumer.effects.effectOf(sent[n]?.id ?? '', 0, hints)).state;
    };
    expect(await stateOf(5)).toBe('applied');
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await on.expectTimes(sent.slice(0, 6), 1);
    await on.expectTimes(sent.slice(6), 2);
    await ended(consumer);
    for (const n of [0, 5, 6, 9]) {
      expect(await stateOf(n)).toBe('applied');
      expect(await stateOf(n, false)).toBe('applied');
    }
  });

  it('tells that an event is pending until it has been read again, although this process saw it before', async () => {
    const sent = on.events(customers(1), 4);
    await on.stage.send(...sent);
    const consumer = await on.stage.start([NoteReplay]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const [first] = sent as [CustomerEvent];
    expect((await consumer.effects.effectOf(first.id, 0)).state).toBe('applied');
    await consumer.close();
    // A process that has no keys at hand and cannot have them: what is read again stays pending.
    const again = await on.stage.start([NoteReplay], { keyCacheSize: 0 });
    await again.server.whenConnected();
    on.stage.keys.away = true;
    await replay(again, 'earliest');
    expect((await again.effects.effectOf(first.id, 0)).state).toBe('pending');
    expect((await status(again)).state).toBe('running');
    on.stage.keys.away = false;
    expect((await again.effects.effectOf(first.id, 10_000)).state).toBe('applied');
  });

  it('from a time begins with the first event since then', async () => {
    const before = on.events(customers(8), 3);
    await on.stage.send(...before);
    const consumer = await on.stage.start([NoteEach]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const heads = await consumer.server.heads();
    const last = Math.max(...heads.map(({ lastEnqueuedOnUtc }) => lastEnqueuedOnUtc.getTime()));
    const time = new Date(last + 1);
    await eventually(() => Date.now() > last + 1);
    const after = on.events(customers(3), 3);
    await on.stage.send(...after);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await replay(consumer, time.toISOString());
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await on.expectTimes(before, 1);
    await on.expectTimes(after, 2);
  });

  it('does not take what the relay sends again, from before its start, for new', async () => {
    const [id = ''] = customers(1);
    const sent = on.events([id], 4);
    await on.stage.send(...sent);
    const consumer = await on.stage.start([NoteEach]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await replay(consumer, { [partitionOf(sent[0] as CustomerEvent)]: 3 });
    await on.stage.send(sent[0] as CustomerEvent);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await on.expectTimes(sent.slice(0, 3), 1);
    await on.expectTimes(sent.slice(3), 2);
  });

  it('is replaced by another, and comes to the same end', async () => {
    const sent = on.events(customers(20), 20);
    await on.stage.send(...sent);
    const consumer = await on.stage.start([NoteEach], { maxBatchSize: 10 });
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await replay(consumer, 'earliest');
    await on.stage.sql.query('TRUNCATE effect');
    const begun = await replay(consumer, 'earliest');
    expect(begun.generation).toBe(3);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const { rows } = await on.stage.sql.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM inbox WHERE generation = 3',
    );
    expect(rows).toEqual([{ n: sent.length }]);
    await ended(consumer);
    const { rows: outcomes } = await on.stage.sql.query(
      'SELECT outcome FROM consumer_replay ORDER BY generation',
    );
    expect(outcomes).toEqual([{ outcome: 'replaced' }, { outcome: 'finished' }]);
  });

  it('comes to the same end with a second replica, a rebalance and lost connections in its midst', async () => {
    const sent = on.events(customers(50), 20);
    await on.stage.send(...sent);
    const first = await on.stage.start([NoteEach], { maxBatchSize: 20 });
    await first.waits.whenCaughtUp({ timeoutMs: 30_000 });
    await on.stage.sql.query('TRUNCATE effect');
    await replay(first, 'earliest');
    const second = await on.stage.start([NoteEach], { maxBatchSize: 20 });
    await on.stage.sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    const later = on.events(customers(10), 5);
    await Promise.all([on.stage.send(...later), first.close()]);
    await second.waits.whenCaughtUp({ timeoutMs: 30_000 });
    await on.expectTimes([...sent, ...later], 1);
    expect(await on.stage.reordered()).toBe(0);
    await ended(second);
  });

  it('refuses what the log or the group cannot give', async () => {
    const sent = on.events(customers(1), 3);
    await on.stage.send(...sent);
    const consumer = await on.stage.start([NoteEach]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const partitionId = partitionOf(sent[0] as CustomerEvent);
    const refusal = (from: unknown) => replay(consumer, from).then(String, (error: unknown) => error);
    await expect(refusal({ '7': 0 })).resolves.toMatchObject({
      document: { status: 400, errors: [{ pointer: '/from/7' }] },
    });
    await expect(refusal({ [partitionId]: 4 })).resolves.toMatchObject({
      document: { status: 400, errors: [{ pointer: `/from/${partitionId}` }] },
    });
    await expect(status(consumer)).rejects.toMatchObject({ document: { status: 404 } });
    expect((await replay(consumer, { [partitionId]: 3 })).partitions).toContainEqual({
      partitionId,
      from: 3,
      until: 2,
    });
  });
});
