import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventType, OpenedEvent } from '@app/contracts';
import { eventually, Random, seedOfRun, type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { note } from '../../test-support/handlers.js';
import { sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';
import { ConsumerContext } from '../index.js';

const seed = seedOfRun();
const random = new Random(seed);
let failures = 0;

@Controller()
class FailsAtRandom {
  @EventPattern<EventType>('AddressChanged')
  async handle(@Payload() event: OpenedEvent, @Ctx() { manager }: ConsumerContext): Promise<void> {
    await note(manager, event);
    await delay(random.between(0, 5));
    if (random.chance(0.3)) {
      failures++;
      throw new Error('at random');
    }
  }
}

describe(`arrivals and drainers meet at hot customers (SEED=${seed})`, () => {
  let broker: StartedBroker;
  let stage: Stage;

  beforeAll(async () => {
    broker = await startBroker({ config: hubs(1) });
    stage = await Stage.open(broker, 'hub-0', await testDatabase());
  });
  afterAll(async () => {
    await stage.close();
    await broker.stop();
  });

  it('and none is reordered, lost, doubled or stranded', async () => {
    const customers = Array.from({ length: 8 }, () => randomUUID());
    const options = { retryPausesMs: Array<number>(1_000).fill(5) };
    const [one] = [await stage.start([FailsAtRandom], options), await stage.start([FailsAtRandom], options)];
    const rounds = 60;
    for (let version = 1; version <= rounds; version++) {
      await stage.send(...customers.map((id) => sealedEvent(stage.keys, id, version)));
    }
    await one.waits.whenCaughtUp({ timeoutMs: 60_000 });
    await eventually(async () => expect(await stage.setAside()).toEqual([]));
    const effects = await stage.effects();
    expect(effects.length).toBe(rounds * customers.length);
    expect(await stage.reordered()).toBe(0);
    expect(failures).toBeGreaterThan(100);
  }, 90_000);
});
