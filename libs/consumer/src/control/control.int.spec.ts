import { eventually, type StartedBroker, startBroker, testDatabase } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { NoteEach } from '../../test-support/handlers.js';
import { sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';
import { Faults, PauseGate } from '../index.js';

describe('a consumer under control, on the real engine', () => {
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

  it('begins nothing while paused, in any replica and across a restart, and goes on when resumed', async () => {
    const [first, second] = [
      sealedEvent(stage.keys, randomUUID(), 1),
      sealedEvent(stage.keys, randomUUID(), 1),
    ];
    const one = await stage.start([NoteEach]);
    await stage.send(first);
    await one.waits.whenProcessed(first.id, { timeoutMs: 10_000 });
    await one.app.get(PauseGate).set(true, 'the spec');
    await one.close();
    const two = await stage.start([NoteEach]);
    const opened = once(two.events, 'partitionInitialised');
    await stage.send(second);
    await opened;
    // Another event's time to be handled, were it not for the pause.
    expect((await two.effects.effectOf(second.id, 1_500)).state).toBe('pending');
    await two.app.get(PauseGate).set(false, 'the spec');
    await two.waits.whenProcessed(second.id, { timeoutMs: 10_000 });
  });

  it('fails for a customer on demand, so many times, and for nobody else', async () => {
    const [chosen, other] = [
      sealedEvent(stage.keys, randomUUID(), 1),
      sealedEvent(stage.keys, randomUUID(), 1),
    ];
    const consumer = await stage.start([NoteEach], { retryPausesMs: Array<number>(20).fill(20) });
    const reasons: string[] = [];
    consumer.events.on('setAside', ({ failure }) => reasons.push(failure.reason));
    consumer.app.get(Faults).set(chosen.subject as string, 3);
    await stage.send(chosen, other);
    expect((await consumer.waits.whenProcessed(chosen.id, { timeoutMs: 10_000 })).state).toBe('applied');
    expect(reasons).toEqual(Array(3).fill('InjectedFaultError: a fault was injected for this customer'));
    await eventually(async () => expect((await stage.effects()).length).toBe(2));
    expect(consumer.app.get(Faults).list()).toEqual([]);
  });
});
