/** What was sent: commands that can be done, and those that nobody can do, by the reason they must be given up for. */
export interface SentCommands {
  good: ReadonlySet<string>;
  poison: ReadonlyMap<string, string>;
}

/** What is there in the end, read from outside: mailbox, queue, dead-letter queue. */
export interface CommandsEnd {
  mails: readonly { messageId: string; idempotencyKey: string | undefined }[];
  /** Message ids of commands that are left in the queue. */
  active: readonly string[];
  deadLetters: readonly { messageId: string; reason: string; deliveryCount: number }[];
}

const mostExamples = 5;
/** MaxDeliveryCount of the queue. */
const mostDeliveries = 10;

/**
 * Completed xor dead-lettered: a mail for each command that can be done and for no other, known by one Message-ID and one
 * idempotency key however often it came; the dead-letter queue holds the others, each once, with its reason; nothing is left.
 * @returns what is wrong, a line a kind with the first examples
 */
export function judgeCommands({ good, poison }: SentCommands, end: CommandsEnd): string[] {
  const wrong = new Map<string, string[]>();
  const add = (what: string, example: string): void => {
    wrong.set(what, [...(wrong.get(what) ?? []), example]);
  };
  const mailed = new Set<string>();
  for (const { messageId, idempotencyKey } of end.mails) {
    const id = idempotencyKey ?? '';
    if (!good.has(id)) add('a mail nobody asked for', `${messageId} with key ${idempotencyKey}`);
    else if (mailed.has(id)) add('one command, two Message-IDs', `${id}: ${messageId}`);
    else if (messageId !== `${id}@profile.internal`) add('a Message-ID that is not its command’s', messageId);
    mailed.add(id);
  }
  const dead = new Set<string>();
  for (const { messageId, reason, deliveryCount } of end.deadLetters) {
    const expected = poison.get(messageId);
    if (expected === undefined) add('a dead letter that can be done', `${messageId}: ${reason}`);
    else if (reason !== expected)
      add('a dead letter for another reason', `${messageId}: ${reason}, not ${expected}`);
    if (dead.has(messageId)) add('one command, two dead letters', messageId);
    if (deliveryCount > mostDeliveries) add('delivered too often', `${messageId}: ${deliveryCount}`);
    dead.add(messageId);
  }
  for (const id of good) if (!mailed.has(id)) add('no mail', id);
  for (const id of poison.keys()) if (!dead.has(id)) add('no dead letter', id);
  for (const id of end.active) add('left in the queue', id);
  return [...wrong].map(
    ([what, examples]) => `${what}: ${examples.length} (${examples.slice(0, mostExamples).join('; ')})`,
  );
}
