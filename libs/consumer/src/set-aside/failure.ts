import { createHash } from 'node:crypto';
import { EventFailedError, HandlerFailedError } from '../runtime/errors.js';

/** Why an event could not be applied. */
export interface Failure {
  /** One line, for people. */
  reason: string;
  /** Whether another try could end otherwise. */
  canRetry: boolean;
  /** The same for failures that came from the same place in the code. */
  stackDigest: string | undefined;
}

const longestReason = 500;
const framesCompared = 5;

/**
 * What a handler threw, as it is kept. An error anywhere in the chain of causes that says `canRetry: false`, as
 * {@link NonRetryableError} does, parks the event at once.
 */
export function failureFrom(caught: unknown): Failure {
  const error = thrownBy(caught);
  return {
    reason: oneLine(error instanceof Error ? `${kindOf(error)}: ${error.message}` : String(error)),
    canRetry: !chainOf(error).some(({ canRetry }) => canRetry === false),
    stackDigest: error instanceof Error && error.stack ? digestOf(error.stack) : undefined,
  };
}

/** An event in a form that its handlers cannot take: it will not look better tomorrow. */
export const unreadable = (reason: string): Failure => ({ reason, canRetry: false, stackDigest: undefined });

/** What the handler itself threw, out of what says which event it was. */
function thrownBy(caught: unknown): unknown {
  let error = caught;
  while (error instanceof HandlerFailedError || error instanceof EventFailedError) error = error.cause;
  return error;
}

const kindOf = (error: Error): string => (error.name === 'Error' ? error.constructor.name : error.name);

// oxlint-disable-next-line no-control-regex -- control characters are exactly what is replaced
const controlCharacters = /[\u0000-\u001f\u007f]+/g;

/** Without what PostgreSQL's text or a terminal cannot take. */
function oneLine(text: string): string {
  return text.slice(0, longestReason).toWellFormed().replaceAll(controlCharacters, ' ');
}

/** Frames alone: messages carry values of one event, and file positions of a path are the machine's. */
function digestOf(stack: string): string {
  const frames = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, framesCompared)
    .map((line) => line.replace(/\(?[^\s(]*[/\\]([^/\\]+:\d+):\d+\)?/, '$1').trim());
  return createHash('sha256').update(frames.join('\n')).digest('hex').slice(0, 12);
}

function chainOf(error: unknown): Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = [];
  for (let current: unknown = error; typeof current === 'object' && current !== null && chain.length < 8;) {
    const link = current as Record<string, unknown>;
    chain.push(link);
    current = link['cause'];
  }
  return chain;
}
