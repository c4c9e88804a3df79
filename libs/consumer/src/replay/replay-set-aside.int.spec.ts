import { customers, failing, NoteReplay, replay, replayCases } from '../../test-support/replay-cases.js';
import { sealedEvent } from '../../test-support/sealed-events.js';
import { SetAsideService } from '../index.js';

describe('a replay, and what was set aside or had its effect', () => {
  const on = replayCases(2);

  it('turns effects outside off for what had its effect, and for nothing else', async () => {
    const [fine = '', poison = ''] = customers(2);
    failing.add(poison);
    const applied = on.events([fine], 2);
    const parked = on.events([poison], 2);
    await on.stage.send(...applied, ...parked);
    const consumer = await on.stage.start([NoteReplay]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    failing.clear();
    await replay(consumer, 'earliest');
    const later = on.events([fine], 1, 3);
    const restated = { ...sealedEvent(on.stage.keys, fine, 3), republished: 'r1' };
    await on.stage.send(...later, restated);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    const said = async () =>
      new Map((await on.stage.effects()).map(({ event_id, worker }) => [event_id, worker]));
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
    const early1 = on.events([early], 2);
    const discarded = on.events([given], 1);
    await on.stage.send(...early1, ...discarded);
    const consumer = await on.stage.start([NoteReplay]);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    await consumer.app
      .get(SetAsideService)
      .discard({ eventId: discarded[0]?.id ?? '' }, 'given up', 'the spec');
    const heads = await consumer.server.heads();
    const late1 = on.events([late], 2);
    await on.stage.send(...late1);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    expect((await on.stage.setAside()).length).toBe(2);
    failing.delete(late);

    const from = Object.fromEntries(
      heads.map(({ partitionId, lastEnqueuedSequenceNumber }) => [
        partitionId,
        lastEnqueuedSequenceNumber + 1,
      ]),
    );
    await replay(consumer, from);
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    expect(await on.stage.setAside()).toEqual([[early1[0]?.id, 'parked', 1]]);
    await on.expectTimes(late1, 1);

    failing.clear();
    await replay(consumer, 'earliest');
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    expect(await on.stage.setAside()).toEqual([]);
    await on.expectTimes(early1, 1);
    await on.expectTimes(discarded, 0);
    expect((await consumer.effects.effectOf(discarded[0]?.id ?? '', 0)).state).toBe('discarded');
  });
});
