import { Controller, Logger } from '@nestjs/common';
import { Ctx } from '@nestjs/microservices';
import type { EventHubsSender, OutgoingEvent } from '@app/event-hubs';
import { openDatabase } from '@app/database';
import { Problem } from '@app/service-defaults';
import { eventually, startBroker, testDatabase } from '@app/testing';
import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { hubs, Stage } from '../../test-support/stage.js';
import { ALL_TYPES, ConsumerContext, EventBatchPattern, type RawEvent } from '../index.js';
import { ActSender } from './act-sender.js';
import { AdministrativeActTable1700000000700 } from './acts.migration.js';
import { AdministrativeActs } from './administrative-acts.js';

const dataOf = ({ body }: Pick<RawEvent, 'body'>): object => JSON.parse(body.toString('utf8')) as object;

describe('an administrative act', () => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;
  let sent: OutgoingEvent[];
  let away = false;
  const sender = {
    partitionIds: async () => ['0', '1'],
    send: async (_partition: string, events: readonly OutgoingEvent[]) => {
      if (away) throw new Error('the engine is away');
      sent.push(...events);
      return events.length;
    },
    close: async () => undefined,
  } as unknown as EventHubsSender;
  let carrying: ActSender;
  let acts: AdministrativeActs;

  beforeEach(async () => {
    const database = await testDatabase();
    dataSource = await openDatabase(database.url, { migrations: [AdministrativeActTable1700000000700] });
    drop = () => database.drop();
    sent = [];
    away = false;
    carrying = new ActSender('search-indexer', dataSource, sender);
    acts = new AdministrativeActs(dataSource, () => carrying.wake());
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await carrying.onModuleDestroy();
    await dataSource.destroy();
    await drop();
  });

  const left = () => dataSource.query<object[]>('SELECT act, outcome, customer_id FROM administrative_act');
  const bodies = () => sent.map(({ body }) => JSON.parse(body) as object);

  it('is told to the stream with who did it, about whom, and what became of it', async () => {
    carrying.onApplicationBootstrap();
    const customerId = randomUUID();
    const discard = { act: 'discard', actor: 'ada', details: { reason: 'typed wrongly' } };
    expect(
      await acts.during(discard, (about) => {
        about(customerId);
        return 7;
      }),
    ).toBe(7);
    await eventually(() => expect(sent.length).toBe(1));
    expect(bodies()).toEqual([
      {
        act: 'discard',
        actor: 'ada',
        outcome: 'done',
        consumerGroup: 'search-indexer',
        details: { reason: 'typed wrongly' },
      },
    ]);
    expect(sent[0]?.applicationProperties).toMatchObject({
      cloudEvents_type: 'AdministrativeActRecorded',
      cloudEvents_source: '/search-indexer',
      cloudEvents_subject: customerId,
    });
    await eventually(async () => expect(await left()).toEqual([]));
  });

  it.each([
    ['refused', new Problem(404, 'not-set-aside', 'It is not set aside.')],
    ['failed', new Error('the database is away')],
  ])('that is %s is told as such, and its error passes on', async (outcome, error) => {
    carrying.onApplicationBootstrap();
    const doing = acts.during({ act: 'discard', actor: 'ada' }, () => Promise.reject(error));
    await expect(doing).rejects.toBe(error);
    await eventually(() => expect(bodies()).toMatchObject([{ outcome }]));
  });

  it('is not done where it cannot be noted', async () => {
    const done: string[] = [];
    await dataSource.query('ALTER TABLE administrative_act RENAME TO elsewhere');
    await expect(acts.during({ act: 'pause', actor: 'ada' }, () => done.push('paused'))).rejects.toThrow(
      'administrative_act',
    );
    expect(done).toEqual([]);
    await dataSource.query('ALTER TABLE elsewhere RENAME TO administrative_act');
  });

  it('waits for an engine that is away, and keeps its id', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    away = true;
    carrying.onApplicationBootstrap();
    await acts.during({ act: 'pause', actor: 'ada' }, () => undefined);
    await acts.during({ act: 'resume', actor: 'ada' }, () => undefined);
    expect(await left()).toHaveLength(2);
    away = false;
    await eventually(() => expect(bodies()).toMatchObject([{ act: 'pause' }, { act: 'resume' }]));
  });

  it('whose process died in the middle of it is told as unknown', async () => {
    const id = randomUUID();
    await dataSource.query(
      `INSERT INTO administrative_act (id, act, actor, details, begun_at)
       VALUES ($1, 'redrive', 'ada', '{}', now() - interval '2 minutes')`,
      [id],
    );
    carrying.onApplicationBootstrap();
    await eventually(() => expect(sent.map((event) => event.id)).toEqual([id]));
    expect(bodies()).toMatchObject([{ act: 'redrive', outcome: 'unknown' }]);
  });
});

const seen: { type: string; data: object }[] = [];

@Controller()
class Everything {
  @EventBatchPattern(ALL_TYPES, { opened: false })
  async take(@Ctx() { rawEvents }: ConsumerContext): Promise<void> {
    seen.push(...rawEvents.map((event) => ({ type: event.attributes.type, data: dataOf(event) })));
  }
}

it('an act comes to who reads every type, on the real engine', async () => {
  const broker = await startBroker({ config: hubs(1) });
  const stage = await Stage.open(broker, 'hub-0', await testDatabase());
  try {
    const { app } = await stage.start([Everything]);
    await app.get(AdministrativeActs).during({ act: 'pause', actor: 'ada' }, () => undefined);
    await eventually(() =>
      expect(seen).toMatchObject([
        { type: 'AdministrativeActRecorded', data: { act: 'pause', outcome: 'done' } },
      ]),
    );
  } finally {
    await stage.close();
    await broker.stop();
  }
});
