import type { StartPosition } from '@app/partition-log';

const pattern =
  /^\s*amqp\.annotation\.(x-opt-offset|x-opt-sequence-number|x-opt-enqueued-?time(?:-?utc)?)\s*(>=?)\s*'?([^'\s]+)'?\s*$/i;

/**
 * Understands a receiver's `apache.org:selector-filter:string`, for example
 * `amqp.annotation.x-opt-offset > '4711'`. Offset `-1` is the start of the partition, `@latest` its end.
 * Answers undefined for any other text.
 */
export function parseSelector(selector: string): StartPosition | undefined {
  const found = pattern.exec(selector);
  const [, annotation, operator, text] = found ?? [];
  if (annotation === undefined || text === undefined) return undefined;
  const inclusive = operator === '>=';
  const isOffset = annotation.toLowerCase() === 'x-opt-offset';
  if (isOffset && text.toLowerCase() === '@latest') return { kind: 'latest' };
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const value = Number(text);
  if (value < 0 && (isOffset || annotation.toLowerCase() === 'x-opt-sequence-number'))
    return { kind: 'earliest' };
  if (isOffset) return { kind: 'offset', value, inclusive };
  if (annotation.toLowerCase() === 'x-opt-sequence-number')
    return { kind: 'sequenceNumber', value, inclusive };
  return { kind: 'enqueuedTime', value, inclusive };
}
