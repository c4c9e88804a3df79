import type { GroupEffect } from '../domain/effect.js';
import { SeenEvents } from '../domain/seen-events.js';
import type { ConsumerClient, EffectQuestion } from './consumer-client.js';
import { EffectsService } from './effects.service.js';

const urls = new Map([
  ['audit', new URL('http://audit')],
  ['search-indexer', new URL('http://search')],
]);
const place = { partitionId: '1', sequenceNumber: 7, source: '/profile' };

type Answer = (question: EffectQuestion) => Promise<GroupEffect>;

function serviceWith(answers: Record<string, Answer>, seen = new SeenEvents(10)) {
  const client = {
    effectOf: (consumer: URL, question: EffectQuestion) => answers[consumer.host]?.(question),
  };
  return { service: new EffectsService(urls, client as ConsumerClient, seen), seen };
}

const applied: Answer = async () => ({ state: 'applied', at: '2026-11-22T12:00:00.000Z' });
const pending: Answer = async () => ({ state: 'pending' });
const down: Answer = async () => {
  throw new TypeError('fetch failed');
};
/** As a consumer waits: until it is told to give up. */
const waiting: Answer = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('the effects of an event', () => {
  it('are settled as soon as every group has dealt with it', async () => {
    const { service } = serviceWith({ audit: applied, search: async () => ({ state: 'ignored' }) });
    expect(await service.effectsOf('e1', ['audit', 'search-indexer'], 30_000)).toEqual({
      eventId: 'e1',
      settled: true,
      groups: {
        audit: { state: 'applied', at: '2026-11-22T12:00:00.000Z' },
        'search-indexer': { state: 'ignored' },
      },
    });
  });

  it('are those of the named groups only', async () => {
    const { service } = serviceWith({ audit: applied, search: waiting });
    expect(await service.effectsOf('e1', ['audit'], 30_000)).toMatchObject({ settled: true });
  });

  it('stay pending for a group that has not come so far, and for one that is down', async () => {
    const { service } = serviceWith({ audit: pending, search: down });
    expect(await service.effectsOf('e1', service.groups, 0)).toEqual({
      eventId: 'e1',
      settled: false,
      groups: { audit: { state: 'pending' }, 'search-indexer': { state: 'pending' } },
    });
  });

  it('are asked again when a consumer comes back within the wait', async () => {
    let asked = 0;
    const { service } = serviceWith({
      audit: (question) => (++asked < 3 ? down(question) : applied(question)),
    });
    expect(await service.effectsOf('e1', ['audit'], 30_000)).toMatchObject({ settled: true });
    expect(asked).toBe(3);
  });

  it('are asked with the place of an event that has been seen, and what is left of the wait', async () => {
    const questions: EffectQuestion[] = [];
    const { service, seen } = serviceWith({
      audit: async (question) => {
        questions.push(question);
        return applied(question);
      },
    });
    seen.add('e1', place);
    await service.effectsOf('e1', ['audit'], 5_000);
    expect(questions).toMatchObject([{ eventId: 'e1', place }]);
    expect(questions[0]?.waitMs).toBeGreaterThan(4_000);
    expect(questions[0]?.waitMs).toBeLessThanOrEqual(5_000);
  });

  it('are asked again, with its place, when the event appears on the stream meanwhile', async () => {
    const { service, seen } = serviceWith({
      audit: async (question) => (question.place ? { state: 'ignored' } : waiting(question)),
    });
    const effects = service.effectsOf('e1', ['audit'], 30_000);
    seen.add('e1', place);
    expect(await effects).toMatchObject({ settled: true, groups: { audit: { state: 'ignored' } } });
  });

  it('tell who waits behind a parked one', async () => {
    const { service } = serviceWith({ audit: async () => ({ state: 'parked', waitingBehind: 3 }) });
    expect(await service.effectsOf('e1', ['audit'], 30_000)).toMatchObject({
      settled: true,
      groups: { audit: { state: 'parked', waitingBehind: 3 } },
    });
  });

  it('are refused to more callers than can wait at a time', async () => {
    const giveUp: (() => void)[] = [];
    const { service } = serviceWith({
      audit: () => new Promise((resolve) => giveUp.push(() => resolve({ state: 'applied' }))),
    });
    const waiters = Array.from({ length: 500 }, (_, n) => service.effectsOf(`e${n}`, ['audit'], 30_000));
    await expect(service.effectsOf('one-more', ['audit'], 0)).rejects.toMatchObject({ status: 429 });
    for (const resolve of giveUp) resolve();
    await Promise.all(waiters);
    expect(await serviceWith({ audit: applied }).service.effectsOf('e', ['audit'], 0)).toMatchObject({
      settled: true,
    });
  });
});
