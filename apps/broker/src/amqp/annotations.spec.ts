import rhea from 'rhea';
import { partitionKeyIn, StampedEvent, withRuntimeMetrics } from './annotations.js';
import { layoutOf, splitBatch } from './wire/messages.js';
import { WireError } from './wire/wire-error.js';

const { message, types } = rhea;
const encode = (fields: object) => message.encode(fields);
const position = { offset: 123_456_789_012, sequenceNumber: 4_294_967_299, enqueuedTime: 1_795_351_601_147 };

function stamp(bytes: Buffer, key?: string): Record<string, unknown> {
  const event = new StampedEvent(bytes, layoutOf(bytes), key);
  const target = Buffer.alloc(event.maxBytes + 20);
  const end = event.write(target, 20, position);
  expect(end - 20).toBeLessThanOrEqual(event.maxBytes);
  return message.decode(target.subarray(20, end));
}

describe('stamping an event', () => {
  const stamps = {
    'x-opt-sequence-number': position.sequenceNumber,
    'x-opt-offset': String(position.offset),
    'x-opt-enqueued-time': new Date(position.enqueuedTime),
  };

  it('adds where it stands, and leaves the rest byte for byte', () => {
    const bytes = encode({
      durable: true,
      message_id: 'id-1',
      application_properties: { a: 1 },
      body: message.data_section(Buffer.from('body')),
    });
    const stamped = stamp(bytes, 'ключ');
    expect(stamped).toMatchObject({ durable: true, message_id: 'id-1', application_properties: { a: 1 } });
    expect(stamped['message_annotations']).toEqual({ ...stamps, 'x-opt-partition-key': 'ключ' });
    expect(stamped['body']).toMatchObject({ content: Buffer.from('body') });
  });

  it('keeps the annotations of a client, except those that are the engine’s to set', () => {
    const bytes = encode({
      message_annotations: {
        mine: 'kept',
        'x-opt-offset': '0',
        'x-opt-sequence-number': types.wrap_long(0),
        'x-opt-enqueued-time': types.wrap_timestamp(0),
        'x-opt-partition-key': 'other',
        also: types.wrap_int(7),
      },
      delivery_annotations: { gone: true },
      body: 'x',
    });
    const stamped = stamp(bytes, 'key');
    expect(stamped['message_annotations']).toEqual({
      mine: 'kept',
      also: 7,
      ...stamps,
      'x-opt-partition-key': 'key',
    });
    expect(stamped['delivery_annotations']).toBeUndefined();
  });

  it('takes a long partition key', () => {
    const key = 'k'.repeat(300);
    const stamped = stamp(encode({ body: 'x' }), key);
    expect(stamped['message_annotations']).toMatchObject({ 'x-opt-partition-key': key });
  });

  it('puts runtime metrics in front of the annotations, with and without a header', () => {
    const last = { offset: 99, sequenceNumber: 9, enqueuedTime: 1_000 };
    for (const fields of [{ durable: true, body: 'x' }, { body: 'x' }]) {
      const bytes = encode(fields);
      const event = new StampedEvent(bytes, layoutOf(bytes), undefined);
      const target = Buffer.alloc(event.maxBytes);
      const stored = target.subarray(0, event.write(target, 0, position));
      const delivered = message.decode(withRuntimeMetrics(stored, last, 2_000));
      expect(delivered['delivery_annotations']).toEqual({
        last_enqueued_sequence_number: 9,
        last_enqueued_offset: '99',
        last_enqueued_time_utc: new Date(1_000),
        runtime_info_retrieval_time_utc: new Date(2_000),
      });
      expect(delivered['message_annotations']).toEqual(stamps);
    }
  });
});

describe('a batch', () => {
  it('is taken apart, and its key read', () => {
    const events = ['a', 'b'].map((body) => encode({ body }));
    const batch = encode({
      message_annotations: { 'x-opt-partition-key': 'alphabet' },
      body: message.data_sections(events),
    });
    const { messages, annotations } = splitBatch(batch);
    expect(messages.map(({ from, to }) => batch.subarray(from, to))).toEqual(events);
    expect(partitionKeyIn(batch, annotations)).toBe('alphabet');
  });

  it.each([
    ['nothing in it', encode({ body: message.data_sections([]) })],
    ['a value as its body', encode({ body: 'text' })],
    ['bytes that are no message', Buffer.from('no message')],
  ])('is refused with %s', (_name, batch) => {
    expect(() => splitBatch(batch)).toThrow(WireError);
  });
});

describe('a message', () => {
  const value = (...bytes: number[]) => Buffer.from([0x00, 0x53, 0x77, ...bytes]);
  const annotations = encode({ message_annotations: { a: 1 }, body: 'x' });

  it.each([
    ['no section', Buffer.from([0x40])],
    ['no body', Buffer.from([0x00, 0x53, 0x70, 0x45])],
    ['annotations behind the body', Buffer.concat([value(0x40), annotations])],
    [
      'annotations twice',
      Buffer.concat([annotations.subarray(0, layoutOf(annotations).restAt), annotations]),
    ],
    ['an array of a million nulls as its body', value(0xf0, 0, 0, 0, 5, 0, 0x0f, 0x42, 0x40, 0x40)],
    ['annotations that are a list', Buffer.concat([Buffer.from([0x00, 0x53, 0x72, 0x45]), value(0x40)])],
  ])('is refused with %s', (_name, bytes) => {
    expect(() => layoutOf(bytes)).toThrow(WireError);
  });
});
