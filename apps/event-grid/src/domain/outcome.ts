/** What came of one attempt, in Event Grid's words where it has one. */
export interface Attempt {
  outcome: string;
  /** The handler's answer; absent where there was none. */
  status?: number;
  /** In milliseconds, until the handler's answer or the failure. */
  latencyMs: number;
  /** The beginning of what the handler answered, or why there was no answer. */
  detail?: string;
}

/** Event Grid takes these for success, and nothing else. */
const successes = new Set([200, 201, 202, 203, 204]);

export const isDelivered = ({ status }: Pick<Attempt, 'status'>): boolean =>
  status !== undefined && successes.has(status);

const names: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'TimedOut',
  410: 'Gone',
  413: 'PayloadTooLarge',
  429: 'Busy',
  503: 'Busy',
};

export function outcomeOf(status: number): string {
  if (successes.has(status)) return 'Delivered';
  const named = names[status];
  if (named !== undefined) return named;
  if (status >= 300 && status < 400) return 'RedirectRefused';
  return status >= 500 ? 'ServerError' : 'UnexpectedStatus';
}
