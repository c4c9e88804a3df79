import { connectionOf, types, type Connection, type Performative } from './rhea.js';

/** How many fields each performative has, by its descriptor (§2.7). */
const fieldCounts = new Map([
  [0x10, 10], // open
  [0x11, 8], // begin
  [0x12, 14], // attach
  [0x13, 11], // flow
  [0x14, 11], // transfer
  [0x15, 6], // disposition
  [0x16, 3], // detach
  [0x17, 1], // end
  [0x18, 1], // close
]);

const BEGIN = 0x11;
const HANDLE_MAX = 4;

/** §2.8.14: condition, description, info. */
const ERROR = 0x1d;
const ERROR_FIELDS = 3;

/**
 * Makes every performative that rhea writes a list of all its fields. §1.4 lets a list end before its trailing
 * nulls, and rhea ends it there; Azure's Python client reads fields by their place and falls over. It also knows
 * no default for `handle-max` (§2.7.2: 4,294,967,295).
 */
export function writeWholePerformatives(connection: Connection): void {
  const inner = connectionOf(connection);
  const write = inner._write_frame.bind(inner);
  inner._write_frame = (channel, performative, payload) => {
    if (performative !== undefined) fillUp(performative);
    write(channel, performative, payload);
  };
}

function fillUp({ constructor, value }: Performative): void {
  fillTo(value, fieldCounts.get(constructor.descriptor.numeric) ?? 0);
  if (constructor.descriptor.numeric === BEGIN) value[HANDLE_MAX] ??= types.wrap_uint(0xffff_ffff);
  fillErrors(value);
}

/** An error stands in a performative, or in the outcome `rejected` (§3.4.3) of a disposition. */
function fillErrors(fields: readonly unknown[]): void {
  for (const field of fields) {
    if (!isDescribedList(field)) continue;
    if (field.descriptor.value === ERROR) fillTo(field.value, ERROR_FIELDS);
    else fillErrors(field.value);
  }
}

const fillTo = (fields: unknown[], count: number): void => {
  while (fields.length < count) fields.push(undefined); // rhea writes null
};

/** As rhea keeps a described list that it is going to write. */
function isDescribedList(field: unknown): field is { descriptor: { value: unknown }; value: unknown[] } {
  const { descriptor, value } = (field ?? {}) as { descriptor?: unknown; value?: unknown };
  return descriptor !== undefined && Array.isArray(value);
}
