import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { type CustomerEvent, type EventType, type OpenedEvent, partitionForKey } from '@app/contracts';
import { eventually, type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import type { ConsumerUnderTest } from '../../test-support/consumer-under-test.js';
import { note, NoteBatch, NoteEach } from '../../test-support/handlers.js';
import { sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';
import {
  ConsumerContext,
  EventBatchPattern,
  NonRetryableError,
  type Rebuild,
  ReplayService,
  SetAsideService,
} from '../index.js';
import { replayFrom } from './replay-request.js';

/** Customers whose events cannot be applied. */
const failing = new Set<string>();

/** Notes what the context says about a replay in place of the process's name. */
@Controller()
class NoteReplay {
  @EventPattern<EventType>('AddressChanged')
  async handle(@Payload() event: OpenedEvent, @Ctx() context: ConsumerContext): Promise<void> {
    if (failing.has(event.subject ?? '')) throw new NonRetryableError('cannot be applied');
    await note(context.manager, event, `replay ${context.replay}, effects ${context.effects}`);
  }
}

/** A view that is rebuilt. */
@Controller()
class NoteRebuild {
  @EventPattern<EventType>('AddressChanged')
  async handle(@Payload() event: OpenedEvent, @Ctx() context: ConsumerContext): Promise<void> {
    if (failing.has(event.subject ?? '')) throw new NonRetryableError('cannot be applied');
    const into = (table: string) =>
      context.manager.query(`INSERT INTO ${table} (event_id, subject, version) VALUES ($1, $2, $3)`, [
        event.id,
        event.subject,
        event.data.personal?.current.version,
      ]);
    if (context.rebuilding) await into('effect_next');
    if (!context.rebuilding || !context.replay) await into('effect');
  }
}

/** Takes what it noted once for what it should have noted. */
@Controller()
class Verify {
  @EventBatchPattern(['AddressChanged'])
  async handle(@Payload() events: OpenedEvent[], @Ctx() context: ConsumerContext): Promise<void> {
    const { manager, rawEvents } = context;
    const known = await manager.query<{ event_id: string }[]>('SELECT event_id FROM effect');
    const ids = new Set(known.map(({ event_id }) => event_id));
    const replayed = rawEvents.filter(({ replay }) => replay);
    const missing = replayed.filter(({ attributes }) => !ids.has(attributes.id));
    await context.report({
      verified: replayed.length - missing.length,
      findings: missing.map(({ attributes: { id: eventId, source }, sequenceNumber }) => ({
        eventId,
        source,
        sequenceNumber,
        finding: 'missing',
      })),
    });
    for (const event of events) {
      if (!ids.has(event.id)) await note(manager, event);
      if (failing.has(event.subject ?? '')) throw new NonRetryableError('cannot be applied');
    }
  }
}

describe('a replay, on the real engine', () => {
  let broker: StartedBroker;
  let stage: Stage;
  let cases = 0;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(14) });
  });
  beforeEach(async () => {
    failing.clear();
    stage = await Stage.open(broker, `hub-${cases++}`, await testDatabase());
  });
  afterEach(() => stage.close());
  afterAll(() => broker.stop());

  const customers = (count: number) => Array.from({ length: count }, () => randomUUID());
  const events = (ids: readonly string[], versions: number, from = 1) =>
    Array.from({ length: versions }, (_, v) => ids.map((id) => sealedEvent(stage.keys, id, v + from))).flat();
  const replay = (consumer: ConsumerUnderTest, from: unknown, effects = false) =>
    consumer.app.get(ReplayService).begin({ from: replayFrom(from), effects, actor: 'the spec' });
  const status = (consumer: ConsumerUnderTest) => consumer.app.get(ReplayService).status();
  const ended = (consumer: ConsumerUnderTest) =>
    eventually(async () => expect((await status(consumer)).state).toBe('finished'), { timeoutMs: 20_000 });
  /** How often each event has had its effect, told apart by what the handler noted. */
  const timesApplied = async (): Promise<Map<string, number>> => {
    const times = new Map<string, number>();
    for (const { event_id } of await stage.effects()) times.set(event_id, (times.get(event_id) ?? 0) + 1);
    return times;
  };
  const expectTimes = async (sent: readonly CustomerEvent[], expected: number): Promise<void> => {
    const times = await timesApplied();
    expect(sent.map(({ id }) => times.get(id) ?? 0)).toEqual(sent.map(() => expected));
  };
  const partitionOf = (event: CustomerEvent) => String(partitionForKey(event.subject ?? '', 4));

  it.each([NoteEach, NoteBatch])(
    'from the start handles every event once more, in order: %p',
    async (handlers) => {
      const sent = events(customers(40), 10);
      await stage.send(...sent, ...sent.slice(380));
      const consumer = await stage.start([handlers]);
      await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
      await stage.sql.query('TRUNCATE effect');

      const begun = await replay(consumer, 'earliest');
      expect(begun.generation).toBe(2);
      expect(begun.partitions.map(({ partitionId, from }) => [partitionId, from])).toEqual(
        ['0', '1', '2', '3'].map((id) => [id, 0]),
      );
      await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
      await expectTimes(sent, 1);
      expect(await stage.reordered()).toBe(0);
      await ended(consumer);
      expect((await status(consumer)).partitions.map(({ eventsLeft }) => eventsLeft)).toEqual([0, 0, 0, 0]);
    },
  );

  it('touches no other group', async () => {
    const other = await Stage.open(broker, stage.hub, await testDatabase());
    Object.assign(other, { keys: stage.keys });
    try {
      const sent = events(customers(5), 2);
      const audit = await other.start([NoteEach], { consumerGroup: 'audit' });
      const consumer = await stage.start([NoteEach]);
      await stage.send(...sent);
      await Promise.all([consumer, audit].map(({ waits }) => waits.whenCaughtUp({ timeoutMs: 20_000 })));
      await replay(consumer, 'earliest');
      await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
      await expectTimes(sent, 2);
      expect((await other.effects()).length).toBe(sent.length);
      const { rows } = await other.sql.query('SELECT DISTINCT generation FROM partition_position');
      expect(rows).toEqual([{ generation: 1 }]);
    } finally {
      await other.close();
    }
  });

  it('from positions leaves alone what lies before them, and says which is which', async () => {
    const [id = ''] = customers(1);
    const sent = events([id], 10);
    await stage.send(...sent);
    const consumer = await stage.start([NoteEach]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const partitionId = partitionOf(sent[0] as CustomerEvent);
    await replay(consumer, { [partitionId]: 6 });
    const stateOf = async (n: number, place = true) => {
      const hints = place ? { place: { partitionId, sequenceNumber: n } } : {};
      return (await consumer.effects.effectOf(sent[n]?.id ?? '', 0, hints)).state;
    };
    expect(await stateOf(5)).toBe('applied');
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await expectTimes(sent.slice(0, 6), 1);
    await expectTimes(sent.slice(6), 2);
    await ended(consumer);
    for (const n of [0, 5, 6, 9]) {
      expect(await stateOf(n)).toBe('applied');
      expect(await stateOf(n, false)).toBe('applied');
    }
  });

  it('tells that an event is pending until it has been read again, although this process saw it before', async () => {
    const sent = events(customers(1), 4);
    await stage.send(...sent);
    const consumer = await stage.start([NoteReplay]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const [first] = sent as [CustomerEvent];
    expect((await consumer.effects.effectOf(first.id, 0)).state).toBe('applied');
    await consumer.close();
    // A process that has no keys at hand and cannot have them: what is read again stays pending.
    const again = await stage.start([NoteReplay], { keyCacheSize: 0 });
    await again.server.whenConnected();
    stage.keys.away = true;
    await replay(again, 'earliest');
    expect((await again.effects.effectOf(first.id, 0)).state).toBe('pending');
    expect((await status(again)).state).toBe('running');
    stage.keys.away = false;
    expect((await again.effects.effectOf(first.id, 10_000)).state).toBe('applied');
  });

  it('from a time begins with the first event since then', async () => {
    const before = events(customers(8), 3);
    await stage.send(...before);
    const consumer = await stage.start([NoteEach]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const heads = await consumer.server.heads();
    const last = Math.max(...heads.map(({ lastEnqueuedOnUtc }) => lastEnqueuedOnUtc.getTime()));
    const time = new Date(last + 1);
    await eventually(() => Date.now() > last + 1);
    const after = events(customers(3), 3);
    await stage.send(...after);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await replay(consumer, time.toISOString());
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await expectTimes(before, 1);
    await expectTimes(after, 2);
  });

  it('turns effects outside off for what had its effect, and for nothing else', async () => {
    const [fine = '', poison = ''] = customers(2);
    failing.add(poison);
    const applied = events([fine], 2);
    const parked = events([poison], 2);
    await stage.send(...applied, ...parked);
    const consumer = await stage.start([NoteReplay]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    failing.clear();
    await replay(consumer, 'earliest');
    const later = events([fine], 1, 3);
    const restated = { ...sealedEvent(stage.keys, fine, 3), republished: 'r1' };
    await stage.send(...later, restated);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const said = async () =>
      new Map((await stage.effects()).map(({ event_id, worker }) => [event_id, worker]));
    const first = await said();
    expect(applied.map(({ id }) => first.get(id))).toEqual(Array(2).fill('replay true, effects false'));
    expect([...parked, ...later].map(({ id }) => first.get(id))).toEqual(
      Array(3).fill('replay false, effects true'),
    );
    expect(first.get(restated.id)).toBe('replay false, effects false');
    await replay(consumer, 'earliest', true);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const second = await said();
    expect([...applied, ...parked, ...later].map(({ id }) => second.get(id))).toEqual(
      Array(5).fill('replay true, effects true'),
    );
  });

  it('keeps what was set aside before its start, and what somebody has discarded', async () => {
    const [early = '', late = '', given = ''] = customers(3);
    for (const id of [early, late, given]) failing.add(id);
    const early1 = events([early], 2);
    const discarded = events([given], 1);
    await stage.send(...early1, ...discarded);
    const consumer = await stage.start([NoteReplay]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await consumer.app
      .get(SetAsideService)
      .discard({ eventId: discarded[0]?.id ?? '' }, 'given up', 'the spec');
    const heads = await consumer.server.heads();
    const late1 = events([late], 2);
    await stage.send(...late1);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    expect((await stage.setAside()).length).toBe(2);
    failing.delete(late);

    const from = Object.fromEntries(
      heads.map(({ partitionId, lastEnqueuedSequenceNumber }) => [
        partitionId,
        lastEnqueuedSequenceNumber + 1,
      ]),
    );
    await replay(consumer, from);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    expect(await stage.setAside()).toEqual([[early1[0]?.id, 'parked', 1]]);
    await expectTimes(late1, 1);

    failing.clear();
    await replay(consumer, 'earliest');
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    expect(await stage.setAside()).toEqual([]);
    await expectTimes(early1, 1);
    await expectTimes(discarded, 0);
    expect((await consumer.effects.effectOf(discarded[0]?.id ?? '', 0)).state).toBe('discarded');
  });

  it('does not take what the relay sends again, from before its start, for new', async () => {
    const [id = ''] = customers(1);
    const sent = events([id], 4);
    await stage.send(...sent);
    const consumer = await stage.start([NoteEach]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await replay(consumer, { [partitionOf(sent[0] as CustomerEvent)]: 3 });
    await stage.send(sent[0] as CustomerEvent);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await expectTimes(sent.slice(0, 3), 1);
    await expectTimes(sent.slice(3), 2);
  });

  it('is replaced by another, and comes to the same end', async () => {
    const sent = events(customers(20), 20);
    await stage.send(...sent);
    const consumer = await stage.start([NoteEach], { maxBatchSize: 10 });
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await replay(consumer, 'earliest');
    await stage.sql.query('TRUNCATE effect');
    const begun = await replay(consumer, 'earliest');
    expect(begun.generation).toBe(3);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const { rows } = await stage.sql.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM inbox WHERE generation = 3',
    );
    expect(rows).toEqual([{ n: sent.length }]);
    await ended(consumer);
    const { rows: outcomes } = await stage.sql.query(
      'SELECT outcome FROM consumer_replay ORDER BY generation',
    );
    expect(outcomes).toEqual([{ outcome: 'replaced' }, { outcome: 'finished' }]);
  });

  it('comes to the same end with a second replica, a rebalance and lost connections in its midst', async () => {
    const sent = events(customers(50), 20);
    await stage.send(...sent);
    const first = await stage.start([NoteEach], { maxBatchSize: 20 });
    await first.waits.whenCaughtUp({ timeoutMs: 30_000 });
    await stage.sql.query('TRUNCATE effect');
    await replay(first, 'earliest');
    const second = await stage.start([NoteEach], { maxBatchSize: 20 });
    await stage.sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    const later = events(customers(10), 5);
    await Promise.all([stage.send(...later), first.close()]);
    await second.waits.whenCaughtUp({ timeoutMs: 30_000 });
    await expectTimes([...sent, ...later], 1);
    expect(await stage.reordered()).toBe(0);
    await ended(second);
  });

  it('reports what a consumer that verifies finds, each event once, however often a batch is run', async () => {
    const ids = customers(4);
    const sent = events(ids, 25);
    await stage.send(...sent);
    const consumer = await stage.start([Verify], { onReplay: 'verify' });
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const lost = sent[7] as CustomerEvent;
    await stage.sql.query('DELETE FROM effect WHERE event_id = $1', [lost.id]);
    failing.add(ids[0] ?? '');
    await replay(consumer, 'earliest');
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await ended(consumer);
    expect(await status(consumer)).toMatchObject({
      policy: 'verify',
      verification: {
        verified: 74,
        missing: 1,
        different: 0,
        findings: [{ eventId: lost.id, finding: 'missing', partitionId: partitionOf(lost) }],
      },
    });
    await expectTimes(sent, 1);
  });

  it('of a rebuild runs beside the live state, which takes what is new, and swaps once at its end', async () => {
    const calls: string[] = [];
    const rebuild: Rebuild = {
      begin: async (manager) => {
        calls.push('begin');
        await manager.query('DROP TABLE IF EXISTS effect_next');
        await manager.query('CREATE TABLE effect_next (LIKE effect INCLUDING ALL)');
      },
      finish: async (manager) => {
        calls.push('finish');
        await manager.query('DROP TABLE effect');
        await manager.query('ALTER TABLE effect_next RENAME TO effect');
      },
    };
    const sent = events(customers(30), 10);
    await stage.send(...sent);
    const replicas = [
      await stage.start([NoteRebuild], { onReplay: 'rebuild', rebuild, maxBatchSize: 20 }),
      await stage.start([NoteRebuild], { onReplay: 'rebuild', rebuild, maxBatchSize: 20 }),
    ] as const;
    const [consumer] = replicas;
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const poison = sent[0]?.subject ?? '';
    failing.add(poison);
    await replay(consumer, 'earliest');
    const later = events(customers(5), 4);
    await stage.send(...later);
    expect((await stage.effects()).length).toBeGreaterThanOrEqual(sent.length);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await ended(consumer);
    expect(calls).toEqual(['begin', 'finish']);
    const fine = sent.filter(({ subject }) => subject !== poison);
    await expectTimes([...fine, ...later], 1);
    failing.clear();
    await consumer.app.get(SetAsideService).redrive({});
    const last = events([poison], 1, 11);
    await stage.send(...last);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await expectTimes([...sent, ...later, ...last], 1);
    expect(await stage.reordered()).toBe(0);
  });

  it('refuses what the log or the group cannot give', async () => {
    const sent = events(customers(1), 3);
    await stage.send(...sent);
    const consumer = await stage.start([NoteEach]);
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
