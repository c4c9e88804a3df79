/** What a log may say of an error. */
export interface Loggable {
  message: string;
  stack?: string;
}

/** PostgreSQL's class 22, data exceptions: their text quotes the value. */
const dataException = /^22[0-9A-Z]{3}$/;

/**
 * An error without what it may quote of somebody's data: a parser repeats what it could not read, PostgreSQL the value
 * that did not fit. What is left names the kind of error and the place in the code.
 */
export function loggable(error: unknown): Loggable {
  if (!(error instanceof Error)) return { message: `a thrown ${typeof error}` };
  const { code } = error as { code?: unknown };
  const quotes =
    error instanceof SyntaxError
      ? 'SyntaxError: the text cannot be read'
      : typeof code === 'string' && dataException.test(code)
        ? `${error.name} ${code}: a value does not fit`
        : undefined;
  if (quotes === undefined) return { message: error.message, ...(error.stack ? { stack: error.stack } : {}) };
  return { message: quotes, stack: [quotes, ...framesOf(error)].join('\n') };
}

const framesOf = ({ stack = '' }: Error): string[] =>
  stack.split('\n').filter((line) => /^\s+at /.test(line));
