import type { ReceivedEventData } from '@app/event-hubs';
import { selectEvent } from './select-events.js';

const received = (properties: Record<string, unknown> | undefined, body: unknown = Buffer.from('{}')) =>
  ({ properties, body, sequenceNumber: 7 }) as ReceivedEventData;
const wants = (type: string) => type === 'AddressChanged';
const good = {
  cloudEvents_specversion: '1.0',
  cloudEvents_id: 'e1',
  cloudEvents_type: 'AddressChanged',
  cloudEvents_source: '/profile',
};

describe('choosing events', () => {
  it('takes a wanted type, with either prefix', () => {
    expect(selectEvent(received(good), wants)).toMatchObject({
      kind: 'wanted',
      event: { attributes: { id: 'e1' } },
    });
    const colons = Object.fromEntries(Object.entries(good).map(([k, v]) => [k.replace('_', ':'), v]));
    expect(selectEvent(received(colons), wants)).toMatchObject({ kind: 'wanted' });
  });

  it('knows an event by its id and its source', () => {
    const keyOf = (source: string) => {
      const selected = selectEvent(received({ ...good, cloudEvents_source: source }), wants);
      return selected.kind === 'wanted' ? selected.event.key : undefined;
    };
    expect(keyOf('/orders')).not.toBe(keyOf('/profile'));
    expect(keyOf('/orders')).toBe(keyOf('/orders'));
  });

  it('passes an unwanted type without looking at its body', () => {
    const untouchable = Object.defineProperty(
      received({ ...good, cloudEvents_type: 'ConsentChanged' }),
      'body',
      {
        get: () => {
          throw new Error('the body was read');
        },
      },
    );
    expect(selectEvent(untouchable, wants)).toMatchObject({
      kind: 'ignored',
      type: 'ConsentChanged',
      id: 'e1',
    });
  });

  it.each([
    ['no properties', undefined],
    ['no type', { cloudEvents_id: 'e1' }],
    ['no id', { ...good, cloudEvents_id: undefined }],
    ['another version of CloudEvents', { ...good, cloudEvents_specversion: '0.3' }],
  ])('takes a message with %s for foreign', (_, properties) => {
    expect(selectEvent(received(properties), wants).kind).toBe('foreign');
  });

  it('takes bytes and text as body, nothing else', () => {
    expect(selectEvent(received(good, 'text'), wants)).toMatchObject({
      event: { body: Buffer.from('text') },
    });
    expect(selectEvent(received(good, new Uint8Array([1])), wants)).toMatchObject({
      event: { body: Buffer.from([1]) },
    });
    expect(selectEvent(received(good, { a: 1 }), wants).kind).toBe('foreign');
  });
});
