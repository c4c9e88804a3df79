/** One delivery as the database has it. */
export interface Kept {
  subscription: string;
  eventId: string;
  state: 'delivered' | 'waiting' | 'dead';
  deadLetterReason: string | null;
  attempts: number;
}

/** What a handler has seen, and what it makes of it. */
export interface Seen {
  subscription: string;
  /** How often each event came. */
  came: ReadonlyMap<string, number>;
  delivers: boolean;
  wrongSignatures: number;
  /** Requests at the address it redirected to. */
  trapped: number;
}

export interface WebhooksEnd {
  /** Ids of the events whose taking was acknowledged, and of those that may have been taken. */
  acknowledged: readonly string[];
  uncertain: ReadonlySet<string>;
  kept: readonly Kept[];
  seen: readonly Seen[];
  /** Of the retry policy. */
  mostAttempts: number;
}

const mostExamples = 5;
const reasons = new Set([
  'RedirectRefused',
  'MaxDeliveryAttemptsExceeded',
  'TimeToLiveExceeded',
  'UndeliverableDueToClientError',
]);

/**
 * Each acknowledged event is, for each subscription, delivered xor dead-lettered, by what its handler makes of it; delivered
 * means that the handler has seen it; nothing waits, nothing came that nobody published, every signature holds.
 * @returns what is wrong, a line a kind with the first examples
 */
export function judgeWebhooks({ acknowledged, uncertain, kept, seen, mostAttempts }: WebhooksEnd): string[] {
  const wrong = new Map<string, string[]>();
  const add = (what: string, example: string): void => {
    wrong.set(what, [...(wrong.get(what) ?? []), example]);
  };
  const published = new Set([...acknowledged, ...uncertain]);
  for (const { subscription, came, delivers, wrongSignatures, trapped } of seen) {
    const mine = kept.filter((one) => one.subscription === subscription);
    const known = new Set(mine.map(({ eventId }) => eventId));
    for (const id of acknowledged) if (!known.has(id)) add('lost', `${subscription} ${id}`);
    for (const id of came.keys()) if (!published.has(id)) add('nobody published it', `${subscription} ${id}`);
    if (wrongSignatures > 0) add('a wrong signature', `${subscription}: ${wrongSignatures}`);
    if (trapped > 0) add('a redirect that was followed', `${subscription}: ${trapped}`);
    for (const { eventId, state, deadLetterReason, attempts } of mine) {
      const what = `${subscription} ${eventId}`;
      if (state === 'waiting') add('left waiting', what);
      if (state === 'delivered' && !came.has(eventId)) add('delivered, and never came', what);
      if (state === 'delivered' && !delivers) add('delivered to who refuses', what);
      if (state === 'dead' && delivers) add('dead, and could be delivered', `${what}: ${deadLetterReason}`);
      if (state === 'dead' && !reasons.has(deadLetterReason ?? '')) add('dead for no reason', what);
      if (deadLetterReason === 'MaxDeliveryAttemptsExceeded' && attempts < mostAttempts)
        add('given up too early', `${what}: ${attempts} attempts`);
    }
  }
  return [...wrong].map(
    ([what, examples]) => `${what}: ${examples.length} (${examples.slice(0, mostExamples).join('; ')})`,
  );
}
