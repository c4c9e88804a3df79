/** What was asked for cannot be done, and nothing has been changed; the message says why, and what can be. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}
