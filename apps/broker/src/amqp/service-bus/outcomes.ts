import { badRequest } from '../../service-bus/errors.js';
import type { ChangedProperties } from '../../service-bus/operations.js';
import type { Settlement } from '../../service-bus/receiving.js';
import { encoders } from '../rhea.js';

const ACCEPTED = 0x24;
const REJECTED = 0x25;
const RELEASED = 0x26;
const MODIFIED = 0x27;

const DEAD_LETTER_FIELDS = new Set(['DeadLetterReason', 'DeadLetterErrorDescription']);

/** What an outcome (§3.4) means to Service Bus; undefined for a state that is none. */
export function settlementIn(state: unknown): Settlement | undefined {
  const descriptor = Number((state as { descriptor?: { value?: unknown } } | undefined)?.descriptor?.value);
  if (descriptor === ACCEPTED) return { kind: 'complete' };
  if (descriptor === RELEASED) return { kind: 'release' };
  if (descriptor !== REJECTED && descriptor !== MODIFIED) return undefined;
  const outcome = encoders.unwrap_outcome(state);
  if (descriptor === MODIFIED) {
    const changed = changedIn(outcome['message_annotations']);
    return { kind: outcome['undeliverable_here'] === true ? 'defer' : 'abandon', changed };
  }
  const error = outcome['error'] as { description?: unknown; info?: Record<string, unknown> } | undefined;
  const info = error?.info ?? {};
  return {
    kind: 'deadLetter',
    reason: textIn(info['DeadLetterReason']),
    description: textIn(info['DeadLetterErrorDescription'] ?? error?.description),
    changed: changedIn(info),
  };
}

export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

/** @throws ServiceBusError a value that is neither text, a number, a boolean nor null */
export function changedIn(given: unknown): ChangedProperties | undefined {
  const entries = Object.entries((given ?? {}) as Record<string, unknown>).filter(
    ([name]) => !DEAD_LETTER_FIELDS.has(name),
  );
  if (entries.length === 0) return undefined;
  for (const [name, value] of entries) {
    if (value !== null && !['string', 'number', 'boolean'].includes(typeof value))
      throw badRequest(
        `the property '${name}' that a settlement sets must be text, a number, a boolean or null`,
      );
  }
  return Object.fromEntries(entries) as ChangedProperties;
}
