import { readDuration } from './durations.js';
import { readServiceBus } from './service-bus-entities.js';

const read = (namespace: object) => readServiceBus({ Namespaces: [{ Name: 'n', ...namespace }] }, 'f.json');
const queue = (Properties: object) => read({ Queues: [{ Name: 'q', Properties }] }).queues[0];

describe('the configuration of Service Bus', () => {
  it('has Azure’s defaults', () => {
    expect(queue({})).toEqual({
      name: 'q',
      lockMs: 60_000,
      maxDeliveries: 10,
      ttlMs: Infinity,
      deadLetterOnExpiry: false,
      requiresSession: false,
      duplicateWindowMs: undefined,
      maxBytes: 1_073_741_824,
      forwardTo: undefined,
      forwardDeadLettersTo: undefined,
    });
  });

  it('takes what the emulator’s file says', () => {
    const given = {
      LockDuration: 'PT30S',
      MaxDeliveryCount: '3',
      DefaultMessageTimeToLive: 'P1DT1H',
      DeadLetteringOnMessageExpiration: true,
      RequiresSession: false,
      RequiresDuplicateDetection: true,
      DuplicateDetectionHistoryTimeWindow: 'PT20S',
      ForwardTo: '',
    };
    expect(queue(given)).toMatchObject({
      lockMs: 30_000,
      maxDeliveries: 3,
      ttlMs: 90_000_000,
      deadLetterOnExpiry: true,
      duplicateWindowMs: 20_000,
    });
  });

  it('gives a subscription without rules everything', () => {
    const { topics } = read({ Topics: [{ Name: 't', Subscriptions: [{ Name: 's', Rules: [] }] }] });
    expect(topics[0]?.subscriptions[0]?.rules).toEqual([
      { name: '$Default', filter: { kind: 'sql', expression: '1=1' } },
    ]);
  });

  it.each([
    [{ LockDuration: '1 minute' }, 'LockDuration must be a duration such as PT30S'],
    [{ LockDuration: 'PT10M' }, 'LockDuration must be from 1 to 300 seconds'],
    [{ MaxDeliveryCount: 0 }, 'MaxDeliveryCount must be a whole number from 1 to 2000'],
    [{ RequiresSession: 'maybe' }, 'RequiresSession must be true or false'],
  ])('refuses %j', (given, said) => {
    expect(() => queue(given)).toThrow(said);
  });

  it('refuses a filter that is none, naming the rule', () => {
    const Rules = [{ Name: 'r', Properties: { SqlFilter: { SqlExpression: 'a =' } } }];
    expect(() => read({ Topics: [{ Name: 't', Subscriptions: [{ Name: 's', Rules }] }] })).toThrow(
      "rule 'r': a value or a property is expected",
    );
  });

  it.each([
    ['PT0.5S', 500],
    ['P14D', 1_209_600_000],
    ['P10675199DT2H48M5.4775807S', Infinity],
  ])('reads %s', (text, ms) => {
    expect(readDuration(text, 'x')).toBe(ms);
  });

  it.each(['P', 'PT', '60', 'P1Y', 'PT1H ', 7])('does not read %p', (text) => {
    expect(() => readDuration(text, 'x')).toThrow('x must be a duration');
  });
});
