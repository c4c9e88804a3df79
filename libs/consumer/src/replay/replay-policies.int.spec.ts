import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { CustomerEvent, EventType, OpenedEvent } from '@app/contracts';
import { note } from '../../test-support/handlers.js';
import {
  customers,
  ended,
  failing,
  partitionOf,
  replay,
  replayCases,
  status,
} from '../../test-support/replay-cases.js';
import {
  ConsumerContext,
  EventBatchPattern,
  NonRetryableError,
  type Rebuild,
  SetAsideService,
} from '../index.js';

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

describe('a replay', () => {
  const on = replayCases(2);

  it('reports what a consumer that verifies finds, each event once, however often a batch is run', async () => {
    const ids = customers(4);
    const sent = on.events(ids, 25);
    await on.stage.send(...sent);
    const consumer = await on.stage.start([Verify], { onReplay: 'verify' });
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const lost = sent[7] as CustomerEvent;
    await on.stage.sql.query('DELETE FROM effect WHERE event_id = $1', [lost.id]);
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
    await on.expectTimes(sent, 1);
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
    const sent = on.events(customers(30), 10);
    await on.stage.send(...sent);
    const replicas = [
      await on.stage.start([NoteRebuild], { onReplay: 'rebuild', rebuild, maxBatchSize: 20 }),
      await on.stage.start([NoteRebuild], { onReplay: 'rebuild', rebuild, maxBatchSize: 20 }),
    ] as const;
    const [consumer] = replicas;
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const poison = sent[0]?.subject ?? '';
    failing.add(poison);
    await replay(consumer, 'earliest');
    const later = on.events(customers(5), 4);
    await on.stage.send(...later);
    expect((await on.stage.effects()).length).toBeGreaterThanOrEqual(sent.length);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await ended(consumer);
    expect(calls).toEqual(['begin', 'finish']);
    const fine = sent.filter(({ subject }) => subject !== poison);
    await on.expectTimes([...fine, ...later], 1);
    failing.clear();
    await consumer.app.get(SetAsideService).redrive({});
    const last = on.events([poison], 1, 11);
    await on.stage.send(...last);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await on.expectTimes([...sent, ...later, ...last], 1);
    expect(await on.stage.reordered()).toBe(0);
  });
});
