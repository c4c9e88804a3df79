import { type CommandsEnd, judgeCommands } from './judge.js';

const sent = { good: new Set(['c1', 'c2']), poison: new Map([['p1', 'malformed']]) };
const mail = (id: string, messageId = `${id}@profile.internal`) => ({ messageId, idempotencyKey: id });
const dead = (messageId: string, reason = 'malformed', deliveryCount = 1) => ({
  messageId,
  reason,
  deliveryCount,
});
const well: CommandsEnd = { mails: [mail('c1'), mail('c2')], active: [], deadLetters: [dead('p1')] };

describe('the end of a run with commands', () => {
  it('is well when each was mailed or given up', () => expect(judgeCommands(sent, well)).toEqual([]));

  it.each<[string, Partial<CommandsEnd>]>([
    ['no mail', { mails: [mail('c1')] }],
    ['a mail nobody asked for', { mails: [...well.mails, mail('p1')] }],
    ['a mail nobody asked for', { mails: [...well.mails, { messageId: 'x', idempotencyKey: undefined }] }],
    ['one command, two Message-IDs', { mails: [...well.mails, mail('c1', 'another@profile.internal')] }],
    [
      'a Message-ID that is not its command’s',
      { mails: [mail('c1'), mail('c2', 'another@profile.internal')] },
    ],
    ['no dead letter', { deadLetters: [] }],
    ['a dead letter that can be done', { deadLetters: [...well.deadLetters, dead('c1')] }],
    ['a dead letter for another reason', { deadLetters: [dead('p1', 'MaxDeliveryCountExceeded')] }],
    ['one command, two dead letters', { deadLetters: [dead('p1'), dead('p1')] }],
    ['delivered too often', { deadLetters: [dead('p1', 'malformed', 11)] }],
    ['left in the queue', { active: ['c1'] }],
  ])('is not: %s', (what, end) => {
    expect(judgeCommands(sent, { ...well, ...end })).toEqual([
      expect.stringMatching(new RegExp(`^${what}: 1 `)),
    ]);
  });
});
