import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { EventHubsSender } from '@app/event-hubs';
import { eventually } from '@app/testing';
import { jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { OutboxRelay } from './outbox-relay.js';

type Answer = (rows: { partition_id: number }[] | Error) => void;

describe('the relay', () => {
  let asked: EventEmitter<{ look: [Answer] }>;
  let relay: OutboxRelay;
  const database = {
    query: () =>
      new Promise((resolve, reject) =>
        asked.emit('look', (rows) => (rows instanceof Error ? reject(rows) : resolve(rows))),
      ),
  } as unknown as DataSource;
  const away = () => Promise.reject<string[]>(new Error('the engine is away'));
  const sender = { partitionIds: away, close: async () => undefined };
  const nextLook = async (): Promise<Answer> => {
    const [answer] = (await once(asked, 'look')) as [Answer];
    return answer;
  };

  beforeEach(() => {
    asked = new EventEmitter();
    sender.partitionIds = away;
    relay = new OutboxRelay(database, sender as unknown as EventHubsSender, {
      partitionCount: 1,
      pollIntervalMs: 1,
      batchSize: 10,
    });
  });
  afterEach(async () => {
    asked.on('look', (answer) => answer([]));
    await relay.stop();
    jest.restoreAllMocks();
  });

  it('does not take an older look at the outbox for an answer to who asks now', async () => {
    const told: string[] = [];
    const first = nextLook();
    relay.start();
    const answerFirst = await first;
    const drained = relay.whenDrained().then(() => told.push('drained'));
    const second = nextLook();
    answerFirst([]);
    const answerSecond = await second;
    expect(told).toEqual([]);
    answerSecond([]);
    await drained;
  });

  it('tells of each outage, of the database and then of the engine', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    jest.spyOn(Logger.prototype, 'log').mockReturnValue(undefined);
    let look = nextLook();
    relay.start();
    for (const answer of [new Error('the database is away'), [], [{ partition_id: 0 }]]) {
      const give = await look;
      look = nextLook();
      give(answer);
    }
    (await look)([]);
    expect(warned.mock.calls.map(([message]) => String(message))).toEqual([
      expect.stringContaining('the database is away'),
      expect.stringContaining('the engine is away'),
    ]);
  });

  it('that is told whose events were committed sends their partition, without asking which ones wait', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    const first = nextLook();
    relay.start();
    const answer = await first;
    relay.wake(['a customer']);
    await eventually(() =>
      expect(warned).toHaveBeenCalledWith(expect.stringContaining('the engine is away')),
    );
    answer([]);
  });

  it('holds off for a while, but not for ever, and not when somebody wakes it', async () => {
    let looks = 0;
    asked.on('look', (answer) => {
      looks++;
      answer([]);
    });
    relay.start();
    await eventually(() => looks > 1);
    relay.holdOff();
    await pause(20); // a look that was under way
    const before = looks;
    await pause(50);
    expect(looks).toBe(before);
    relay.wake();
    await eventually(() => looks > before);
    const calling = setInterval(() => relay.holdOff(), 1);
    relay.holdOff();
    const since = looks;
    await eventually(() => looks > since + 2);
    clearInterval(calling);
  });

  it('says at its start that the hub has another number of partitions than it was told', async () => {
    const told = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    sender.partitionIds = async () => ['0', '1', '2'];
    const look = nextLook();
    relay.start();
    await eventually(() =>
      expect(told.mock.calls).toEqual([
        ['the hub has 3 partitions, EVENTHUB_PARTITION_COUNT says 1: nothing is sent'],
      ]),
    );
    (await look)([]);
  });
});
