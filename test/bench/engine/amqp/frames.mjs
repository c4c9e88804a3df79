// The hot frames of AMQP 1.0 as bytes; everything else is rhea's.

export const FLOW = 0x13;
export const TRANSFER = 0x14;
export const DISPOSITION = 0x15;
/** So are end and close, whose numbers follow: what the peer says goodbye with. */
export const DETACH = 0x16;
const ACCEPTED = 0x24;
/** What Event Hubs clients give every send: data sections that hold a whole encoded message each. */
const BATCH_FORMAT = 0x80013700;
const TRUE = 0x41;
const FALSE = 0x42;
/** Of a transfer as it is sent here: frame header, performative. */
const PREFIX_BYTES = 37;

/** A data section (§3.2.6) around the bytes. */
function dataSection(/** @type {Buffer} */ bytes) {
  const head = Buffer.from([0x00, 0x53, 0x75, 0xb0, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

/** A batch as Event Hubs clients encode it: `events` events with a body of `bodyBytes` bytes. */
export function encodeBatch(/** @type {number} */ events, /** @type {number} */ bodyBytes) {
  const event = dataSection(dataSection(Buffer.alloc(bodyBytes, 'x')));
  return Buffer.concat(Array.from({ length: events }, () => event));
}

/**
 * The transfer frames (§2.7.5) of one message, cut to the peer's frame size:
 * handle uint, delivery-id uint, delivery-tag vbin8 (the delivery id again), message-format uint, settled, more.
 * @param {{ channel: number, handle: number, message: Buffer, maxFrameBytes: number }} options
 * @returns {{ bytes: Buffer, idsAt: number[], frames: number }} idsAt: where the delivery id is to be written
 */
export function encodeTransfers({ channel, handle, message, maxFrameBytes }) {
  const most = maxFrameBytes - PREFIX_BYTES;
  const parts = [];
  const idsAt = [];
  let at = 0;
  for (let from = 0; from < message.length; from += most) {
    const payload = message.subarray(from, from + most);
    const head = Buffer.alloc(PREFIX_BYTES);
    head.writeUInt32BE(PREFIX_BYTES + payload.length, 0);
    head.writeUInt16BE(0x0200, 4);
    head.writeUInt16BE(channel, 6);
    head.set([0x00, 0x53, TRANSFER, 0xc0, PREFIX_BYTES - 13, 6, 0x70], 8);
    head.writeUInt32BE(handle, 15);
    head.set([0x70, 0, 0, 0, 0, 0xa0, 4, 0, 0, 0, 0, 0x70], 19);
    head.writeUInt32BE(BATCH_FORMAT, 31);
    head.set([FALSE, from + most < message.length ? TRUE : FALSE], 35);
    idsAt.push(at + 20, at + 26);
    parts.push(head, payload);
    at += PREFIX_BYTES + payload.length;
  }
  return { bytes: Buffer.concat(parts), idsAt, frames: idsAt.length / 2 };
}

/** The descriptor of a frame's performative, where it is a small unsigned long; 0 of an empty frame. */
export function performativeOf(/** @type {Buffer} */ buffer, /** @type {number} */ at) {
  const body = at + buffer[at + 4] * 4;
  if (body === at + buffer.readUInt32BE(at)) return 0;
  return buffer[body + 1] === 0x53 ? buffer[body + 2] : -1;
}

/** Where a performative's first field stands, behind list0, list8 or list32 (§1.6.22). */
function fieldsAt(/** @type {Buffer} */ buffer, /** @type {number} */ at) {
  const list = at + buffer[at + 4] * 4 + 3;
  return list + { 0x45: 1, 0xc0: 3, 0xd0: 9 }[buffer[list]];
}

/** Where the primitive value at `at` ends (§1.2). */
function endOf(/** @type {Buffer} */ buffer, /** @type {number} */ at) {
  const code = buffer[at];
  if (code < 0x50) return at + 1;
  if (code < 0xa0) return at + 1 + [1, 2, 4, 8, 16][(code >> 4) - 5];
  return code & 0x10 ? at + 5 + buffer.readUInt32BE(at + 1) : at + 2 + buffer[at + 1];
}

function uintAt(/** @type {Buffer} */ buffer, /** @type {number} */ at) {
  if (buffer[at] === 0x70) return buffer.readUInt32BE(at + 1);
  if (buffer[at] === 0x52) return buffer[at + 1];
  return buffer[at] === 0x43 ? 0 : undefined;
}

/** What a transfer frame says: whether the message ends with it, and the bytes of its payload. */
export function readTransfer(/** @type {Buffer} */ buffer, /** @type {number} */ at) {
  const list = at + buffer[at + 4] * 4 + 3;
  const long = buffer[list] === 0xd0;
  const end = long ? list + 5 + buffer.readUInt32BE(list + 1) : list + 2 + buffer[list + 1];
  let field = fieldsAt(buffer, at);
  for (let i = 0; i < 5 && field < end; i++) field = endOf(buffer, field);
  return {
    last: field >= end || buffer[field] !== TRUE,
    payloadBytes: at + buffer.readUInt32BE(at) - end,
  };
}

/** What a disposition (§2.7.6) says: a range of delivery ids, and whether they were accepted. */
export function readDisposition(/** @type {Buffer} */ buffer, /** @type {number} */ at) {
  const firstAt = endOf(buffer, fieldsAt(buffer, at));
  const lastAt = endOf(buffer, firstAt);
  const stateAt = endOf(buffer, endOf(buffer, lastAt));
  const first = uintAt(buffer, firstAt);
  return {
    first,
    last: uintAt(buffer, lastAt) ?? first,
    accepted: buffer[stateAt] === 0 && buffer[stateAt + 1] === 0x53 && buffer[stateAt + 2] === ACCEPTED,
  };
}
