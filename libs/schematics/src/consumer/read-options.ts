import {
  type AdvancedFilterInput,
  EventFilter,
  eventTypes,
  type EventType,
  FilterError,
  isEventType,
  operatorTypes,
  type OperatorType,
} from '@app/contracts';
import { RefusedError } from '../refused.error.js';

/** As the schematic gets them. */
export interface ConsumerSchema {
  name: string;
  on: string;
  filter?: string[];
  emits?: string;
}

export interface ConsumerOptions {
  name: string;
  types: EventType[];
  filters: AdvancedFilterInput[];
  emits: string[];
}

/** @throws {RefusedError} naming what is wrong, and what would be right */
export function readOptions({ name, on, filter = [], emits = '' }: ConsumerSchema): ConsumerOptions {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40)
    throw new RefusedError(
      `"${name}" is no name of a consumer: small letters, digits and single hyphens, at most 40, such as gold-club`,
    );
  const filters = filter.map(filterIn);
  try {
    EventFilter.compile(filters);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new RefusedError(`--filter is wrong: ${error.message}`, { cause: error });
  }
  return { name, types: typesIn(on), filters, emits: emittedIn(emits) };
}

const listIn = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  ),
];

function typesIn(on: string): EventType[] {
  const types = listIn(on);
  const known = eventTypes.filter((type) => type !== 'CustomerErased').join(', ');
  const unknown = types.find((type) => !isEventType(type));
  if (unknown !== undefined)
    throw new RefusedError(`--on ${unknown} is no event of the platform; there are ${known}`);
  const others = types.filter((type) => type !== 'CustomerErased');
  if (others.length === 0)
    throw new RefusedError(
      `--on names the events it takes: one or more of ${known} (CustomerErased comes to every consumer)`,
    );
  return others as EventType[];
}

function emittedIn(emits: string): string[] {
  const types = listIn(emits);
  const wrong = types.find((type) => !/^([A-Z][a-z0-9]+){2,6}$/.test(type) || type.length > 60);
  if (wrong !== undefined)
    throw new RefusedError(
      `--emits ${wrong} is no name of an event: a fact in the past tense, such as LoyaltyTierChanged`,
    );
  const taken = types.find(isEventType);
  if (taken !== undefined)
    throw new RefusedError(`--emits ${taken} is an event of the profile service: choose another name`);
  return types;
}

/** `data.changed StringIn addresses.home,addresses.billing` */
function filterIn(text: string): AdvancedFilterInput {
  const [, key, operator, rest = ''] = /^\s*(\S+)\s+(\S+)\s*(.*?)\s*$/.exec(text) ?? [];
  const operatorType = operatorTypes.find((one) => one.toLowerCase() === operator?.toLowerCase());
  if (key === undefined || operatorType === undefined)
    throw new RefusedError(
      `--filter '${text}' is not 'KEY Operator VALUE,VALUE'; operators are ${operatorTypes.join(', ')}`,
    );
  const values = rest === '' ? [] : valuesIn(rest, operatorType);
  return { operatorType, key, ...(values.length > 0 && { values }) };
}

function valuesIn(text: string, operatorType: OperatorType): unknown[] {
  if (operatorType.startsWith('String')) return text.split(',').map((value) => value.trim());
  try {
    // Numbers, true and false, and ranges such as [1,5].
    return JSON.parse(`[${text}]`) as unknown[];
  } catch {
    throw new RefusedError(
      `--filter: ${operatorType} takes numbers, ranges as [1,5], true or false, not ${text}`,
    );
  }
}
