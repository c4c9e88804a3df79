import { EventEmitter, once } from 'node:events';
import { memoryUsage } from 'node:process';
import { Logger } from '@nestjs/common';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { DeadLetterError, PauseQueueError } from '../errors.js';
import { CommandWorker, type CommandWorkerOptions } from './command-worker.js';
import type { ServiceBusEvents } from './service-bus.events.js';
import { Settlement } from './settlement.js';

type Told = [how: string, messageId: string, reason?: string];

const command = (messageId: string, deliveryCount = 0) =>
  ({ messageId, deliveryCount }) as ServiceBusReceivedMessage;

describe('what becomes of a command', () => {
  let told: Told[];
  let refuse: Error | undefined;
  const events = new EventEmitter<ServiceBusEvents>();
  const tell = async (...what: Told): Promise<void> => {
    if (refuse) throw refuse;
    told.push(what);
  };
  const settlement = new Settlement(
    {
      completeMessage: ({ messageId }) => tell('complete', String(messageId)),
      abandonMessage: ({ messageId }) => tell('abandon', String(messageId)),
      deadLetterMessage: ({ messageId }, options) =>
        tell('dead-letter', String(messageId), options?.deadLetterReason),
    },
    events,
  );
  const workerThat = (
    run: CommandWorkerOptions['run'],
    options: Partial<CommandWorkerOptions> = {},
  ): CommandWorker =>
    new CommandWorker({
      run,
      events,
      handlerTimeoutMs: 5_000,
      retryPauseMs: () => 0,
      mostHeld: 10,
      ...options,
    });
  const abandoned = () => once(events, 'abandoned');

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => {
    told = [];
    refuse = undefined;
  });

  it('done is completed', async () => {
    await workerThat(async () => undefined).process(command('c1'), settlement);
    expect(told).toEqual([['complete', 'c1']]);
  });

  it('what nobody can do goes to the dead letters, with the reason', async () => {
    const worker = workerThat(async () => {
      throw new DeadLetterError('smtp-550', 'refused for good');
    });
    await worker.process(command('c1'), settlement);
    expect(told).toEqual([['dead-letter', 'c1', 'smtp-550']]);
  });

  it('what fails is given back after a pause that knows how often it came, and holds up no other meanwhile', async () => {
    const asked: number[] = [];
    const worker = workerThat(
      async ({ messageId }) => {
        if (messageId === 'bad') throw new TypeError('bug');
      },
      { retryPauseMs: (deliveries) => (asked.push(deliveries), 60_000) },
    );
    await worker.process(command('bad', 3), settlement);
    await worker.process(command('good'), settlement);
    expect([asked, told]).toEqual([[3], [['complete', 'good']]]);
    await worker.close();
    expect(told.at(-1)).toEqual(['abandon', 'bad']);
  });

  it('no more than so many wait to be given back: the next is not done with until one of them is', async () => {
    const worker = workerThat(
      async () => {
        throw new TypeError('bug');
      },
      { mostHeld: 1, retryPauseMs: (deliveries) => (deliveries === 0 ? 10 : 0) },
    );
    await worker.process(command('first'), settlement);
    await worker.process(command('second', 1), settlement);
    expect(told).toEqual([['abandon', 'first']]);
    await abandoned();
    expect(told).toEqual([
      ['abandon', 'first'],
      ['abandon', 'second'],
    ]);
  });

  it('a crowd that waits for room among them costs next to nothing', async () => {
    const [patient, quick] = [199, 600];
    const fail = async () => {
      throw new TypeError('bug');
    };
    const retryPauseMs = (deliveries: number) => (deliveries === 0 ? 60_000 : 0);
    const worker = workerThat(fail, { mostHeld: patient + 1, retryPauseMs });
    const process = (count: number, deliveries: number) =>
      Promise.all(
        Array.from({ length: count }, (_, n) =>
          worker.process(command(`${deliveries}-${n}`, deliveries), settlement),
        ),
      );
    await process(patient, 0);
    const before = memoryUsage().heapUsed;
    await process(quick, 1);
    // As they were woken before, each by each, their promises took several hundred MiB.
    expect(memoryUsage().heapUsed - before).toBeLessThan(100 * 2 ** 20);
    await worker.close();
    expect(told).toHaveLength(patient + quick);
  });

  it('what lacks something that all need is tried again where it is, and counted as no delivery', async () => {
    let away = true;
    const worker = workerThat(async () => {
      if (away) throw new PauseQueueError('no mail server');
    });
    const paused = once(events, 'paused');
    const resumed = once(events, 'resumed');
    const both = Promise.all(['c1', 'c2'].map((id) => worker.process(command(id), settlement)));
    await paused;
    away = false;
    await Promise.all([both, resumed]);
    expect(told).toEqual([
      ['complete', 'c1'],
      ['complete', 'c2'],
    ]);
  });

  it('a handler that does not end counts as failed', async () => {
    const worker = workerThat(() => new Promise(() => undefined), { handlerTimeoutMs: 1 });
    const given = abandoned();
    await worker.process(command('c1'), settlement);
    expect((await given)[1]).toMatchObject({ code: 'HANDLER_TIMEOUT' });
  });

  it('what waits when the process ends is given back, and nothing new is begun', async () => {
    let begun = 0;
    const worker = workerThat(async () => {
      begun++;
      throw new PauseQueueError('no mail server');
    });
    const waits = worker.process(command('waits'), settlement);
    await once(events, 'paused');
    await worker.close();
    await waits;
    await worker.process(command('late'), settlement);
    expect(told).toEqual([
      ['abandon', 'waits'],
      ['abandon', 'late'],
    ]);
    expect(begun).toBe(1);
  });

  it('a lock that was lost meanwhile is told, and throws nothing', async () => {
    refuse = new Error('The message has either been deleted or already settled.');
    const lost = once(events, 'lockLost');
    await workerThat(async () => undefined).process(command('c1'), settlement);
    expect(await lost).toEqual(['c1']);
  });
});
