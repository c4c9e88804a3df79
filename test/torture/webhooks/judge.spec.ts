import { judgeWebhooks, type Kept, type Seen, type WebhooksEnd } from './judge.js';

const kept = (eventId: string, more: Partial<Kept> = {}): Kept => ({
  subscription: 'good',
  eventId,
  state: 'delivered',
  deadLetterReason: null,
  attempts: 1,
  ...more,
});
const dead = { state: 'dead', deadLetterReason: 'MaxDeliveryAttemptsExceeded', attempts: 3 } as const;
const bad = (eventId: string, more: Partial<Kept> = {}) =>
  kept(eventId, { subscription: 'bad', ...dead, ...more });
const good: Seen = {
  subscription: 'good',
  came: new Map([
    ['e1', 1],
    ['e2', 2],
  ]),
  delivers: true,
  wrongSignatures: 0,
  trapped: 0,
};
const refuses: Seen = { ...good, subscription: 'bad', delivers: false };
const well: WebhooksEnd = {
  acknowledged: ['e1'],
  uncertain: new Set(['e2']),
  kept: [kept('e1'), kept('e2'), bad('e1')],
  seen: [good, refuses],
  mostAttempts: 3,
};

describe('the end of a run with webhooks', () => {
  it('is well when each was delivered or given up', () => expect(judgeWebhooks(well)).toEqual([]));

  it.each<[string, Partial<WebhooksEnd>]>([
    ['lost', { kept: [kept('e1')] }],
    ['lost', { kept: [bad('e1'), kept('e2')] }],
    ['nobody published it', { uncertain: new Set(), seen: [good, { ...refuses, came: new Map() }] }],
    ['a wrong signature', { seen: [{ ...good, wrongSignatures: 1 }, refuses] }],
    ['a redirect that was followed', { seen: [good, { ...refuses, trapped: 1 }] }],
    ['left waiting', { kept: [kept('e1', { state: 'waiting' }), bad('e1')] }],
    ['delivered, and never came', { seen: [{ ...good, came: new Map([['e2', 1]]) }, refuses] }],
    [
      'delivered to who refuses',
      { kept: [kept('e1'), bad('e1', { state: 'delivered', deadLetterReason: null })] },
    ],
    ['dead, and could be delivered', { kept: [kept('e1', dead), bad('e1')] }],
    ['dead for no reason', { kept: [kept('e1'), bad('e1', { deadLetterReason: '' })] }],
    ['given up too early', { kept: [kept('e1'), bad('e1', { attempts: 2 })] }],
  ])('is not: %s', (what, end) => {
    expect(judgeWebhooks({ ...well, ...end })).toEqual([expect.stringMatching(new RegExp(`^${what}: 1 `))]);
  });
});
