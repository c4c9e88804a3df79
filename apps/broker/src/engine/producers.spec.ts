import { Producers, ProducerRefused, type OpenProducer } from './producers.js';

describe('the idempotent producers of a partition', () => {
  let ids: number;
  let producers: Producers;
  let stored: number[];
  const nobody = () => undefined;
  const open = (
    id?: number,
    epoch?: number,
    lastSequence?: number,
    stolen = nobody as (e: ProducerRefused) => void,
  ) => producers.open({ id, epoch, lastSequence }, stolen);
  /** Sends numbers `first` to `last`; a store that is told to leave some out keeps the others. */
  const send = (
    producer: OpenProducer,
    first: number,
    last: number,
    write: () => Promise<void> = async () => undefined,
  ) =>
    producer.append(first, last - first + 1, async (leaveOut) => {
      await write();
      for (let n = first + leaveOut; n <= last; n++) stored.push(n);
    });
  const refused = (condition: string) => expect.objectContaining({ condition }) as ProducerRefused;

  beforeEach(() => {
    ids = 40;
    producers = new Producers(3, () => ++ids);
    stored = [];
  });

  it('are given an id, epoch 0 and number 0 where they say nothing', () => {
    expect(open()).toMatchObject({ id: 41, epoch: 0, lastSequence: 0 });
    expect(open()).toMatchObject({ id: 42 });
  });

  it('are taken at their word where they are new here', () => {
    expect(open(7, 3, 100)).toMatchObject({ id: 7, epoch: 3, lastSequence: 100 });
  });

  it('have each number stored once, whatever they send again', async () => {
    const producer = open();
    await send(producer, 1, 3);
    await send(producer, 1, 3);
    await send(producer, 2, 2);
    await send(producer, 4, 5);
    expect(stored).toEqual([1, 2, 3, 4, 5]);
  });

  it('have the rest of a batch stored whose beginning is there: a crash can tear one', async () => {
    producers.restore({ id: 7, epoch: 0, lastSequence: 2 });
    await send(open(7, 0, 0), 1, 4);
    expect(stored).toEqual([3, 4]);
  });

  it('are refused a gap', async () => {
    const producer = open();
    await send(producer, 1, 1);
    await expect(send(producer, 3, 3)).rejects.toEqual(refused('com.microsoft:out-of-order-sequence'));
    await send(producer, 2, 2);
    expect(stored).toEqual([1, 2]);
  });

  it('go on at 0 after 2^31 - 1', async () => {
    const last = 2 ** 31 - 1;
    const producer = open(7, 0, last - 1);
    await send(producer, last, last);
    await producer.append(0, 1, async () => stored.push(0));
    await send(producer, last, last);
    expect(stored).toEqual([last, 0]);
  });

  it('are answered where they say they stand, so that they number a lost send again', async () => {
    const producer = open();
    await send(producer, 1, 5);
    const again = open(producer.id, 0, 0);
    expect(again).toMatchObject({ id: producer.id, epoch: 0, lastSequence: 0 });
    await send(again, 1, 5);
    expect(stored).toEqual([1, 2, 3, 4, 5]);
  });

  it('are answered where they stand if they do not say', async () => {
    const producer = open();
    await send(producer, 1, 5);
    expect(open(producer.id)).toMatchObject({ epoch: 0, lastSequence: 5 });
  });

  it('are refused an older epoch; an equal or newer one takes over', async () => {
    const lost: string[] = [];
    const first = open(7, 1, 0, () => lost.push('first'));
    await send(first, 1, 1);
    expect(() => open(7, 0)).toThrow(refused('com.microsoft:producer-epoch-stolen'));
    const equal = open(7, 1, undefined, () => lost.push('equal'));
    await expect(send(first, 2, 2)).rejects.toEqual(refused('com.microsoft:producer-epoch-stolen'));
    await send(equal, 2, 2);
    const newer = open(7, 2, 0);
    await send(newer, 1, 1); // a newer owner has numbers of its own
    expect(lost).toEqual(['first', 'equal']);
    expect(stored).toEqual([1, 2, 1]);
  });

  it('that send again while the first send is under way wait for its end', async () => {
    const first = open(7, 0, 0);
    let finish: () => void = nobody;
    const sent = send(first, 1, 2, () => new Promise<void>((resolve) => (finish = resolve)));
    await new Promise(setImmediate); // it has begun
    let acknowledged = false;
    const again = send(open(7, 0, 0), 1, 2).then(() => (acknowledged = true));
    await new Promise(setImmediate);
    expect(acknowledged).toBe(false);
    finish();
    await Promise.all([sent, again]);
    expect(stored).toEqual([1, 2]);
  });

  it('lose nothing behind a send that was refused: the next one would be a gap', async () => {
    const producer = open(7, 0, 0);
    const refusedByLog = send(producer, 1, 2, async () => {
      throw new Error('disk full');
    });
    await expect(Promise.allSettled([refusedByLog, send(producer, 3, 3)])).resolves.toEqual([
      { status: 'rejected', reason: new Error('disk full') },
      { status: 'rejected', reason: refused('com.microsoft:out-of-order-sequence') },
    ]);
    await send(producer, 1, 3);
    expect(stored).toEqual([1, 2, 3]);
  });

  it('are remembered by what is durable', async () => {
    const producer = open(7, 2, 0);
    await send(producer, 1, 2);
    let finish: () => void = nobody;
    const sending = send(producer, 3, 3, () => new Promise<void>((resolve) => (finish = resolve)));
    expect(producers.all).toEqual([{ id: 7, epoch: 2, lastSequence: 2 }]);
    await new Promise(setImmediate);
    finish();
    await sending;
    expect(producers.all).toEqual([{ id: 7, epoch: 2, lastSequence: 3 }]);
  });

  it('are forgotten when there are too many, the least used first, one with a link never', async () => {
    const [a, b, c] = [open(1), open(2), open(3)];
    expect(() => open(4)).toThrow(refused('amqp:resource-limit-exceeded'));
    for (const one of [a, b, c]) one.close();
    await open(1).append(1, 1, async () => undefined);
    open(4);
    expect(producers.all.map(({ id }) => id)).toEqual([3, 1, 4]);
  });
});
