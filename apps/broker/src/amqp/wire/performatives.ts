import { checkValue, elementsOf, isEncodedAs, smallUlong, type FieldType } from './values.js';
import { decodeError, WireError } from './wire-error.js';

/** Field types in order; `!` = mandatory. A missing or null field is taken for every other. */
type Fields = readonly (FieldType | `${FieldType}!`)[];

/** AMQP 1.0 §2.7, by descriptor; transfers are read by `transfer-frame.ts`. */
const amqp: Record<number, Fields> = {
  // open
  0x10: ['string!', 'string', 'uint', 'ushort', 'uint', 'symbols', 'symbols', 'symbols', 'symbols', 'map'],
  // begin
  0x11: ['ushort', 'uint!', 'uint!', 'uint!', 'uint', 'symbols', 'symbols', 'map'],
  // attach
  0x12: [
    ...(['string!', 'uint!', 'boolean!', 'ubyte', 'ubyte', 'any', 'any', 'map'] as const),
    ...(['boolean', 'uint', 'ulong', 'symbols', 'symbols', 'map'] as const),
  ],
  // flow
  0x13: [
    ...(['uint', 'uint!', 'uint!', 'uint!', 'uint', 'uint', 'uint'] as const),
    ...(['uint', 'boolean', 'boolean', 'map'] as const),
  ],
  // disposition
  0x15: ['boolean!', 'uint!', 'uint', 'boolean', 'any', 'boolean'],
  // detach
  0x16: ['uint!', 'boolean', 'any'],
  // end
  0x17: ['any'],
  // close
  0x18: ['any'],
};

/** AMQP 1.0 §5.3.3, what a client sends: sasl-init and sasl-response. */
const sasl: Record<number, Fields> = {
  0x41: ['symbols!', 'binary', 'string'],
  0x43: ['binary!'],
};

/**
 * Checks the performative at `at`: known, its fields of the types §2.7 names, every value sound. Answers
 * what it is and where its payload begins.
 * @throws WireError amqp:decode-error, amqp:not-allowed
 */
export function checkPerformative(
  buffer: Buffer,
  at: number,
  end: number,
  layer: 'amqp' | 'sasl',
): { descriptor: number; payloadAt: number } {
  const payloadAt = checkValue(buffer, at, end);
  const descriptor = buffer[at] === 0x00 ? smallUlong(buffer, at + 1) : undefined;
  const fields = (layer === 'amqp' ? amqp : sasl)[descriptor ?? -1];
  if (descriptor === undefined || fields === undefined) throw decodeError(`no ${layer} performative`);
  const listAt = at + (buffer[at + 1] === 0x53 ? 3 : 10);
  if (!isEncodedAs(buffer[listAt] as number, 'list')) throw decodeError('a performative is no list');
  checkFields(buffer, listAt, fields, descriptor);
  return { descriptor, payloadAt };
}

const NULL = 0x40;

function checkFields(buffer: Buffer, listAt: number, fields: Fields, descriptor: number): void {
  const { from, end, count } = elementsOf(buffer, listAt);
  const name = `performative 0x${descriptor.toString(16)}`;
  if (count > fields.length) throw decodeError(`${name} has ${count} fields`);
  let at = from;
  fields.forEach((field, i) => {
    const mandatory = field.endsWith('!');
    const code = i < count ? (buffer[at] as number) : NULL;
    if (code === NULL) {
      if (mandatory) throw decodeError(`${name} lacks field ${i}`);
    } else if (!isEncodedAs(code, (mandatory ? field.slice(0, -1) : field) as FieldType)) {
      throw new WireError('amqp:decode-error', `${name} has a field ${i} of another type`);
    }
    if (i < count) at = checkValue(buffer, at, end, 1);
  });
}
