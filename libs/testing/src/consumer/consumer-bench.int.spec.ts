import { consumerMigrations, ConsumerModule, type ConsumerContext, NonRetryableError } from '@app/consumer';
import type { EventOf, EventType } from '@app/contracts';
import { DatabaseModule } from '@app/database';
import { Controller, Logger, Module } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import * as fc from 'fast-check';
import type { QueryRunner } from 'typeorm';
import { anEvent } from '../events/an-event.js';
import { lives } from '../events/lives.js';
import { ConsumerBench } from './consumer-bench.js';
import { startEngineBench } from './engine-bench.js';

class CreateMove1800000000000 {
  async up(runner: QueryRunner) {
    await runner.query('CREATE TABLE move (n bigint GENERATED ALWAYS AS IDENTITY, event_id uuid, name text)');
  }

  async down(runner: QueryRunner) {
    await runner.query('DROP TABLE move');
  }
}

@Controller()
class Moves {
  @EventPattern<EventType>('AddressChanged')
  async note(@Payload() { id, data }: EventOf<'AddressChanged'>, @Ctx() { manager }: ConsumerContext) {
    const name = data.personal?.current.familyName ?? 'erased';
    if (name === 'Poison') throw new NonRetryableError('no such name');
    await manager.query('INSERT INTO move (event_id, name) VALUES ($1, $2)', [id, name]);
  }
}

@Module({
  imports: [
    DatabaseModule.forRoot({ migrations: [...consumerMigrations, CreateMove1800000000000] }),
    ConsumerModule.forRoot({ consumerGroup: 'audit' }),
  ],
  controllers: [Moves],
})
class MovesModule {}

const moves = 'SELECT event_id AS id, name FROM move ORDER BY n';
const movesOf = (familyName: string, count: number) =>
  fc.sample(anEvent('AddressChanged', { current: { familyName } }), count);

beforeAll(() => Logger.overrideLogger(false));

describe('a bench for a consumer, without an engine', () => {
  let bench: ConsumerBench;
  beforeEach(async () => {
    bench = await ConsumerBench.open(MovesModule);
  });
  afterEach(() => bench.close());

  it('hands events over opened and in order; duplicates do nothing, a replay does all once more', async () => {
    const events = movesOf('Nordmann', 7);
    const once = events.map(({ id }) => ({ id, name: 'Nordmann' }));
    await bench.take(...events);
    await bench.takeAgain();
    await bench.takeOver();
    expect(await bench.query(moves)).toEqual(once);
    await bench.replay();
    expect(await bench.query(moves)).toEqual([...once, ...once]);
  });

  it('shows what failed, and what a stranger sent harms nobody', async () => {
    const [poison, good] = [...movesOf('Poison', 1), ...movesOf('Good', 1)];
    if (!poison || !good) throw new Error('two events are needed');
    await bench.take(poison, good);
    await bench.takeRaw({ 'cloudEvents:type': 'AddressChanged' }, 'not even JSON');
    expect(await bench.setAside()).toEqual([
      {
        eventId: poison.id,
        customerId: poison.subject,
        state: 'parked',
        reason: 'NonRetryableError: no such name',
      },
    ]);
    expect(await bench.query(moves)).toEqual([{ id: good.id, name: 'Good' }]);
  });

  it('erases a customer: what is read again comes without personal data', async () => {
    const [move] = movesOf('Nordmann', 1);
    if (!move) throw new Error('an event is needed');
    const [erasure] = fc.sample(anEvent('CustomerErased', { customerId: move.subject }), 1);
    await bench.take(move, ...(erasure ? [erasure] : []));
    await bench.replay();
    expect((await bench.query<{ name: string }>(moves)).map(({ name }) => name).at(-1)).toBe('erased');
  });
});

it('a bench with an engine: what is published has been dealt with', async () => {
  const engine = await startEngineBench(MovesModule);
  try {
    const events = fc.sample(lives(['AddressChanged']), 1)[0] ?? [];
    await engine.publish(...events);
    const known = await engine.query<{ id: string }>(moves);
    const told = events.filter(({ type }) => type === 'AddressChanged').map(({ id }) => id);
    expect(known.map(({ id }) => id).toSorted()).toEqual(told.toSorted());
    const added = events.filter(({ type }) => type === 'CustomerAdded');
    const recorded = await engine.whenRecorded('CustomerAdded', added.length);
    expect(recorded.map(({ id }) => id).toSorted()).toEqual(added.map(({ id }) => id).toSorted());
  } finally {
    await engine.close();
  }
}, 60_000);
