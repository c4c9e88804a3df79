import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { type CustomerEvent, type EventType, type OpenedEvent, partitionForKey } from '@app/contracts';
import { eventually, type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { ConsumerContext, NonRetryableError, ReplayService } from '../src/index.js';
import { replayFrom } from '../src/replay/replay-request.js';
import type { ConsumerUnderTest } from './consumer-under-test.js';
import { note } from './handlers.js';
import { sealedEvent } from './sealed-events.js';
import { hubs, Stage } from './stage.js';

/** Customers whose events cannot be applied. */
export const failing = new Set<string>();

/** Notes what the context says about a replay in place of the process's name. */
@Controller()
export class NoteReplay {
  @EventPattern<EventType>('AddressChanged')
  async handle(@Payload() event: OpenedEvent, @Ctx() context: ConsumerContext): Promise<void> {
    if (failing.has(event.subject ?? '')) throw new NonRetryableError('cannot be applied');
    await note(context.manager, event, `replay ${context.replay}, effects ${context.effects}`);
  }
}

export const customers = (count: number) => Array.from({ length: count }, () => randomUUID());
export const partitionOf = (event: CustomerEvent) => String(partitionForKey(event.subject ?? '', 4));
export const replay = (consumer: ConsumerUnderTest, from: unknown, effects = false) =>
  consumer.app.get(ReplayService).begin({ from: replayFrom(from), effects, actor: 'the spec' });
export const status = (consumer: ConsumerUnderTest) => consumer.app.get(ReplayService).status();
export const ended = (consumer: ConsumerUnderTest) =>
  eventually(async () => expect((await status(consumer)).state).toBe('finished'), { timeoutMs: 20_000 });

/** For a spec on the real engine: a hub and a database for each of so many cases. */
export function replayCases(count: number) {
  let broker: StartedBroker;
  let stage: Stage;
  let cases = 0;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(count) });
  });
  beforeEach(async () => {
    failing.clear();
    stage = await Stage.open(broker, `hub-${cases++}`, await testDatabase());
  });
  afterEach(() => stage.close());
  afterAll(() => broker.stop());

  return {
    get broker(): StartedBroker {
      return broker;
    },
    get stage(): Stage {
      return stage;
    },
    /** Versions of each customer, as many and from which. */
    events: (ids: readonly string[], versions: number, from = 1): CustomerEvent[] =>
      Array.from({ length: versions }, (_, v) =>
        ids.map((id) => sealedEvent(stage.keys, id, v + from)),
      ).flat(),
    /** Each of these events has had its effect so often. */
    async expectTimes(sent: readonly CustomerEvent[], expected: number): Promise<void> {
      const times = new Map<string, number>();
      for (const { event_id } of await stage.effects()) times.set(event_id, (times.get(event_id) ?? 0) + 1);
      expect(sent.map(({ id }) => times.get(id) ?? 0)).toEqual(sent.map(() => expected));
    },
  };
}
