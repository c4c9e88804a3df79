import { checkValue, elementsOf, isEncodedAs, smallUlong, type FieldType } from './values.js';
import { decodeError } from './wire-error.js';

/** A transfer (§2.7.5) as it came in: the performative checked and read, the payload not looked at. */
export class TransferFrame {
  handle = 0;
  /** Undefined where the frame continues a delivery and does not say which. */
  deliveryId: number | undefined;
  messageFormat = 0;
  settled = false;
  more = false;
  aborted = false;

  constructor(
    readonly channel: number,
    /** Pieces of what the socket delivered, in order: a frame that came in two reads is not copied together. */
    public payload: Buffer[],
  ) {}

  get payloadBytes(): number {
    let bytes = 0;
    for (const piece of this.payload) bytes += piece.length;
    return bytes;
  }
}

const TRANSFER = 0x14;
const NULL = 0x40;

/** handle … batchable; only the handle is mandatory. */
const types: readonly FieldType[] = [
  ...(['uint', 'uint', 'binary', 'uint', 'boolean', 'boolean', 'ubyte'] as const),
  ...(['any', 'boolean', 'boolean', 'boolean'] as const),
];

/** Where the list of a transfer's fields stands; undefined for any other performative. */
function fieldsAt(buffer: Buffer, at: number): number | undefined {
  if (buffer[at] !== 0x00) return undefined;
  if (buffer[at + 1] === 0x53) return buffer[at + 2] === TRANSFER ? at + 3 : undefined;
  const wide = buffer[at + 1] === 0x80 && buffer.length - at >= 10 && smallUlong(buffer, at + 1) === TRANSFER;
  return wide ? at + 10 : undefined;
}

/**
 * Where the performative at `at` ends if it is a transfer that is all there; undefined for anything else.
 * Nothing is checked: its own lengths are believed so far.
 */
export function transferEnd(buffer: Buffer, at: number): number | undefined {
  const list = fieldsAt(buffer, at);
  if (list === undefined || buffer.length - list < 5) return undefined;
  const code = buffer[list];
  if (code !== 0xc0 && code !== 0xd0) return undefined;
  const end =
    code === 0xc0 ? list + 2 + (buffer[list + 1] as number) : list + 5 + buffer.readUInt32BE(list + 1);
  return end <= buffer.length ? end : undefined;
}

/**
 * Reads the fields of the transfer between `at` and `end` (as `transferEnd` answers it) into `frame`.
 * @throws WireError amqp:decode-error
 */
export function readTransfer(buffer: Buffer, at: number, end: number, frame: TransferFrame): void {
  const listAt = fieldsAt(buffer, at) as number;
  if (end - listAt < (buffer[listAt] === 0xc0 ? 3 : 9))
    throw decodeError('a transfer without room for its count');
  const list = elementsOf(buffer, listAt);
  if (list.count === 0) throw decodeError('a transfer lacks field 0');
  if (list.count > types.length) throw decodeError(`a transfer has ${list.count} fields`);
  let from = list.from;
  for (let field = 0; field < list.count; field++) {
    const next = checkValue(buffer, from, end, 1);
    const code = buffer[from] as number;
    if (code !== NULL) {
      if (!isEncodedAs(code, types[field] as FieldType)) {
        throw decodeError(`a transfer has a field ${field} of another type`);
      }
      set(frame, field, buffer, from);
    } else if (field === 0) throw decodeError('a transfer lacks field 0');
    from = next;
  }
  if (from !== end) throw decodeError('a transfer is longer than its fields');
}

function set(frame: TransferFrame, field: number, buffer: Buffer, at: number): void {
  switch (field) {
    case 0:
      frame.handle = uintAt(buffer, at);
      return;
    case 1:
      frame.deliveryId = uintAt(buffer, at);
      return;
    case 3:
      frame.messageFormat = uintAt(buffer, at);
      return;
    case 4:
      frame.settled = booleanAt(buffer, at);
      return;
    case 5:
      frame.more = booleanAt(buffer, at);
      return;
    case 9:
      frame.aborted = booleanAt(buffer, at);
      return;
    default: // a delivery tag, a settle mode, a state: the engine has no use for them
  }
}

/** §1.6.5: uint0, smalluint, uint. */
function uintAt(buffer: Buffer, at: number): number {
  const code = buffer[at];
  if (code === 0x43) return 0;
  return code === 0x52 ? (buffer[at + 1] as number) : buffer.readUInt32BE(at + 1);
}

/** §1.6.2: true, or a boolean of one byte. */
const booleanAt = (buffer: Buffer, at: number): boolean =>
  buffer[at] === 0x41 || (buffer[at] === 0x56 && buffer[at + 1] !== 0);
