import type { ReceivedEventData } from '@app/event-hubs';
import { receivedFrom, storedMessageOf } from './stored-message.js';

describe('a message that is kept aside', () => {
  it('comes back with every property as it was, through JSON', () => {
    const received = {
      body: Buffer.from('{}'),
      sequenceNumber: 7,
      offset: '4711',
      enqueuedTimeUtc: new Date(1_700_000_000_123),
      partitionKey: 'key',
      contentType: 'application/json',
      messageId: 'm1',
      properties: {
        text: 'with \u0000 and \ud800',
        number: 1.5,
        no: false,
        nothing: null,
        time: new Date(0),
        bytes: Buffer.from([0, 255]),
        long: 2n ** 60n,
        list: [1, { a: 'b' }],
        map: { timestamp: 'not one' },
      },
    } as unknown as ReceivedEventData;
    const stored = JSON.parse(JSON.stringify(storedMessageOf(received))) as ReturnType<
      typeof storedMessageOf
    >;
    const back = receivedFrom(stored, 7, Buffer.from('{}'));
    expect(back).toMatchObject(received);
    expect(() => back.getRawAmqpMessage()).toThrow('without its AMQP envelope');
  });
});
