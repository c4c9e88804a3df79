import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventType, OpenedEvent } from '@app/contracts';
import { eventually, type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { note, NoteEach } from '../test-support/handlers.js';
import { sealedEvent } from '../test-support/sealed-events.js';
import { hubs, Stage } from '../test-support/stage.js';
import { ConsumerContext } from './index.js';

describe('partitions and their owners, on the real engine', () => {
  let broker: StartedBroker;
  let stage: Stage;
  let cases = 0;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(4) });
  });
  beforeEach(async () => {
    stage = await Stage.open(broker, `hub-${cases++}`, await testDatabase());
  });
  afterEach(() => stage.close());
  afterAll(() => broker.stop());

  const owners = async (): Promise<Record<string, number>> => {
    const { rows } = await stage.sql.query<{ owner: string; n: number }>(
      `SELECT split_part(owner_id, '.', 1) AS owner, count(*)::int AS n FROM partition_ownership GROUP BY 1`,
    );
    return Object.fromEntries(rows.map(({ owner, n }) => [owner, n]));
  };
  const events = (ids: readonly string[], versions: number, from = 1) =>
    Array.from({ length: versions }, (_, v) => ids.map((id) => sealedEvent(stage.keys, id, v + from))).flat();

  it('are shared by two processes, and go to the other when one leaves; nothing is lost or doubled', async () => {
    const ids = Array.from({ length: 40 }, () => randomUUID());
    const first = await stage.start([NoteEach]);
    await stage.send(...events(ids, 10));
    await first.waits.whenCaughtUp({ timeoutMs: 10_000 });
    const second = await stage.start([NoteEach]);
    await eventually(async () => expect(Object.values(await owners())).toEqual([2, 2]));
    await Promise.all([stage.send(...events(ids, 10, 11)), first.close()]);
    await second.waits.whenCaughtUp({ timeoutMs: 10_000 });
    await stage.send(...events(ids, 5, 21));
    await second.waits.whenCaughtUp({ timeoutMs: 10_000 });
    expect(Object.values(await owners())).toEqual([4]);
    const effects = await stage.effects();
    expect(effects.length).toBe(25 * ids.length);
    expect(new Set(effects.map(({ event_id }) => event_id)).size).toBe(effects.length);
    expect(await stage.reordered()).toBe(0);
  });

  it('refuse the write of an owner whose epoch has passed, and the event is handled by whoever reads on', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let entered = (): void => undefined;
    const inHandler = new Promise<void>((resolve) => (entered = resolve));
    let calls = 0;

    @Controller()
    class Slow {
      @EventPattern<EventType>('AddressChanged')
      async handle(@Payload() event: OpenedEvent, @Ctx() { manager }: ConsumerContext): Promise<void> {
        const call = ++calls;
        await note(manager, event, `call ${call}`);
        entered();
        if (call === 1) await held;
      }
    }

    const zombie = await stage.start([Slow]);
    const fenced = once(zombie.events, 'fenced');
    const event = sealedEvent(stage.keys, randomUUID(), 1);
    await stage.send(event);
    await inHandler;
    await stage.sql.query(`UPDATE partition_position SET epoch = epoch + 1`);
    release();
    await fenced;
    await zombie.waits.whenProcessed(event.id, { timeoutMs: 10_000 });
    expect((await stage.effects()).map(({ worker }) => worker)).toEqual(['call 2']);
  });

  it('survive the loss of every database connection', async () => {
    const ids = Array.from({ length: 20 }, () => randomUUID());
    const consumer = await stage.start([NoteEach]);
    for (let round = 0; round < 4; round++) {
      await Promise.all([
        stage.send(...events(ids, 5, round * 5 + 1)),
        stage.sql.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        ),
      ]);
    }
    await consumer.waits.whenCaughtUp({ timeoutMs: 20_000 });
    expect((await stage.effects()).length).toBe(20 * ids.length);
    expect(await stage.reordered()).toBe(0);
  });

  it('are read on when the engine was killed and comes back', async () => {
    const ids = Array.from({ length: 20 }, () => randomUUID());
    const consumer = await stage.start([NoteEach]);
    await stage.send(...events(ids, 5));
    await consumer.waits.whenCaughtUp({ timeoutMs: 10_000 });
    await broker.kill('SIGKILL');
    broker = await broker.restart();
    await stage.send(...events(ids, 5, 6));
    await eventually(async () => expect((await stage.effects()).length).toBe(10 * ids.length), {
      timeoutMs: 20_000,
    });
    expect(await stage.reordered()).toBe(0);
  });
});
