import { elementsOf, checkValue, isEncodedAs } from '../wire/values.js';
import { DATA, HEADER, MESSAGE_ANNOTATIONS, sectionAt } from '../wire/messages.js';
import { decodeError } from '../wire/wire-error.js';

const DELIVERY_ANNOTATIONS = 0x71;
const PROPERTIES = 0x73;
const APPLICATION_PROPERTIES = 0x74;

/** A list or map: where its elements stand, and how many there are. */
export interface Elements {
  readonly from: number;
  readonly end: number;
  readonly count: number;
}

/** The sections of a message (AMQP 1.0 §3.2) that Service Bus reads or writes; the body is left as it is. */
export interface Sections {
  readonly header: Elements | undefined;
  readonly annotations: Elements | undefined;
  readonly properties: Elements | undefined;
  readonly applicationProperties: Elements | undefined;
  /** Where the properties begin, or would begin. */
  readonly propertiesAt: number;
  /** Where the application properties begin, or would begin: the properties end there. */
  readonly applicationPropertiesAt: number;
  /** Where the body begins. */
  readonly bodyAt: number;
}

/** @throws WireError a section is not what it should be; the message as a whole has been checked before */
export function sectionsOf(message: Buffer): Sections {
  const found = new Map<number, Elements>();
  let bodyAt = message.length;
  let propertiesAt = 0;
  let applicationPropertiesAt = 0;
  for (let at = 0; at < message.length;) {
    const { code, valueAt, end } = sectionAt(message, at, message.length);
    if (code >= DATA) {
      bodyAt = at;
      break;
    }
    const isList = code === HEADER || code === PROPERTIES;
    if (!isEncodedAs(message[valueAt] as number, isList ? 'list' : 'map'))
      throw decodeError('a section of another type');
    found.set(code, elementsOf(message, valueAt));
    at = end;
    if (code < PROPERTIES) propertiesAt = end;
    if (code <= PROPERTIES) applicationPropertiesAt = end;
  }
  return {
    header: found.get(HEADER),
    annotations: found.get(MESSAGE_ANNOTATIONS),
    properties: found.get(PROPERTIES),
    applicationProperties: found.get(APPLICATION_PROPERTIES),
    propertiesAt,
    applicationPropertiesAt,
    bodyAt,
  };
}

/** The encoded elements of a list, one piece each. */
export function piecesOf(message: Buffer, elements: Elements | undefined): Buffer[] {
  const pieces: Buffer[] = [];
  if (elements === undefined) return pieces;
  let at = elements.from;
  for (let i = 0; i < elements.count; i++) {
    const end = checkValue(message, at, elements.end);
    pieces.push(message.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** A section of a list: the header, or the properties. */
export const listSection = (code: 'header' | 'properties', fields: readonly Buffer[]): Buffer =>
  compound(code === 'header' ? HEADER : PROPERTIES, 0xd0, fields);

/** A section of a map; the pieces are its keys and values in turn, or whole entries of two elements each. */
export const mapSection = (
  section: keyof typeof mapSections,
  pieces: readonly Buffer[],
  count = pieces.length,
): Buffer => compound(mapSections[section], 0xd1, pieces, count);

const mapSections = {
  deliveryAnnotations: DELIVERY_ANNOTATIONS,
  annotations: MESSAGE_ANNOTATIONS,
  applicationProperties: APPLICATION_PROPERTIES,
};

/** §1.6.22–23 list32 and map32, described. */
function compound(
  section: number,
  constructor: number,
  pieces: readonly Buffer[],
  count = pieces.length,
): Buffer {
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  const head = Buffer.alloc(12);
  head.set([0x00, 0x53, section, constructor]);
  head.writeUInt32BE(bytes + 4, 4);
  head.writeUInt32BE(count, 8);
  return Buffer.concat([head, ...pieces]);
}
