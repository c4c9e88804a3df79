import { LogClosedError } from './errors.js';
import { RECORD_HEADER_BYTES } from './file/record-format.js';
import type { FoundRecords, LogRecord, PartitionLog, Payload } from './partition-log.js';
import {
  clock,
  contents,
  everything,
  implementations,
  readAll as readAllOf,
  removeFolders,
  text,
  type Implementation,
} from './testing/implementations.js';

describe.each(Object.entries(implementations))('a partition log: %s', (_name, make) => {
  let implementation: Implementation;
  let log: PartitionLog;

  beforeEach(async () => {
    clock.now = 1_000;
    implementation = await make();
    log = await implementation.open();
  });
  afterEach(() => log.close());
  afterAll(removeFolders);

  const readAll = (cursor: number): Promise<LogRecord[]> => readAllOf(log, cursor);

  it('is empty at first', async () => {
    expect(log.state).toEqual({
      begin: { offset: 0, sequenceNumber: 0 },
      next: { offset: 0, sequenceNumber: 0 },
      last: undefined,
    });
    expect(await log.read(0, everything)).toEqual({ records: [], next: 0 });
    expect(await log.append([])).toEqual([]);
  });

  it('numbers records without a gap, with offsets and times that grow', async () => {
    const first = await log.append([text('a'), text('bb')]);
    clock.now = 500; // the clock went back
    const second = await log.append([text('ccc')]);
    expect(first.concat(second)).toEqual([
      { offset: 0, sequenceNumber: 0, enqueuedTime: 1_000 },
      { offset: 49, sequenceNumber: 1, enqueuedTime: 1_000 },
      { offset: 99, sequenceNumber: 2, enqueuedTime: 1_000 },
    ]);
    expect(log.state.last).toEqual(second[0]);
    expect(log.state.next).toEqual({ offset: 150, sequenceNumber: 3 });
  });

  it('lets a payload carry its own position', async () => {
    const self: Payload = {
      maxBytes: 100,
      write: (target, at, position) =>
        at + target.write(`#${position.sequenceNumber}@${position.offset}`, at),
    };
    await log.append([text('x'), self, self]);
    expect(contents(await readAll(0))).toEqual(['x', '#1@49', '#2@102']);
  });

  it('keeps concurrent appends whole and in order', async () => {
    const appends = Array.from({ length: 50 }, (_, i) => log.append([text(`${i}a`), text(`${i}b`)]));
    const positions = await Promise.all(appends);
    expect(positions.flat().map(({ sequenceNumber }) => sequenceNumber)).toEqual([...Array(100).keys()]);
    const expected = appends.flatMap((_, i) => [`${i}a`, `${i}b`]);
    expect(contents(await readAll(0))).toEqual(expected);
  });

  it('reads within limits, and at least one record', async () => {
    await log.append(['one', 'two', 'three', 'four'].map(text));
    const two = await log.read(0, { maxBytes: 1e9, maxRecords: 2 });
    expect(contents(two.records)).toEqual(['one', 'two']);
    const one = await log.read(two.next, { maxBytes: 1, maxRecords: 10 });
    expect(contents(one.records)).toEqual(['three']);
    expect(contents(await readAll(one.next))).toEqual(['four']);
  });

  it('copies the same records out for who has memory for them', async () => {
    await log.append(['one', 'two', 'three', 'four'].map(text));
    const copied: string[] = [];
    const take = ({ ends, copyTo }: FoundRecords) => {
      const bytes = Buffer.alloc((ends.at(-1) as number) + 3, 0xee);
      copyTo(bytes);
      expect(bytes.subarray(-3)).toEqual(Buffer.alloc(3, 0xee));
      ends.forEach((end, i) => {
        copied.push(bytes.toString('utf8', (ends[i - 1] ?? 0) + RECORD_HEADER_BYTES, end));
      });
      bytes.fill(0); // they are the reader's own
      return true;
    };
    const next = await log.copyOut(0, { maxBytes: 1e9, maxRecords: 3 }, take);
    expect(copied).toEqual(['one', 'two', 'three']);
    const last = await log.copyOut(next, { maxBytes: 1, maxRecords: 9 }, take);
    expect(copied).toEqual(['one', 'two', 'three', 'four']);
    expect(last).toBe(log.state.next.offset);
    expect(await log.copyOut(last, everything, take)).toBe(last);
    expect(copied).toHaveLength(4);
    expect(contents(await readAll(0))).toEqual(['one', 'two', 'three', 'four']);
  });

  it('stays where it was when the records are not taken', async () => {
    await log.append([text('one'), text('two')]);
    expect(await log.copyOut(0, everything, () => false)).toBe(0);
    expect(contents(await readAll(0))).toEqual(['one', 'two']);
  });

  it('reads for many at once what each of them asks for', async () => {
    const words = Array.from({ length: 60 }, (_, i) => `${i} ${'x'.repeat(i * 20)}`);
    const positions = (await log.append(words.map(text))).map(({ offset }) => offset);
    const reads = positions.map((offset) => readAll(offset));
    expect((await Promise.all(reads)).map(contents)).toEqual(positions.map((_, i) => words.slice(i)));
  });

  it('reads payloads larger than a read', async () => {
    const large = 'x'.repeat(600_000);
    await log.append([text('small'), text(large), text('after')]);
    const { next } = await log.read(0, { maxBytes: 60, maxRecords: 1 });
    const read = await log.read(next, { maxBytes: 1_000, maxRecords: 5 });
    expect(contents(read.records)).toEqual([large]);
    expect(contents(await readAll(read.next))).toEqual(['after']);
  });

  it('leaves what was read to its reader, however much comes after', async () => {
    const words = Array.from({ length: 400 }, (_, i) => `word ${i} ${'.'.repeat(200)}`);
    const kept: LogRecord[] = [];
    let next = 0;
    for (const word of words) {
      await log.append([text(word)]);
      const read = await log.read(next, everything);
      kept.push(...read.records);
      ({ next } = read);
    }
    expect(contents(kept)).toEqual(words);
  });

  describe('finds where to start', () => {
    /** Ten records of 50 bytes, two a time: times 1000, 1000, 1001, 1001, … */
    beforeEach(async () => {
      for (let i = 0; i < 10; i += 2) {
        clock.now = 1_000 + i / 2;
        await log.append([text(`${i}!`), text(`${i + 1}!`)]);
      }
    });

    const first = async (...start: Parameters<PartitionLog['locate']>) =>
      contents((await log.read(await log.locate(...start), { maxBytes: 1, maxRecords: 1 })).records)[0];

    it.each([
      ['offset', 0, true, '0!'],
      ['offset', 0, false, '1!'],
      ['offset', 150, true, '3!'],
      ['offset', 150, false, '4!'],
      ['offset', 151, true, '4!'],
      ['offset', 149, false, '3!'],
      ['offset', 450, false, undefined],
      ['offset', 10_000, true, undefined],
      ['sequenceNumber', 0, true, '0!'],
      ['sequenceNumber', 4, true, '4!'],
      ['sequenceNumber', 4, false, '5!'],
      ['sequenceNumber', 9, false, undefined],
      ['enqueuedTime', 0, false, '0!'],
      ['enqueuedTime', 1_000, false, '2!'],
      ['enqueuedTime', 1_000, true, '0!'],
      ['enqueuedTime', 1_001, true, '2!'],
      ['enqueuedTime', 1_003, false, '8!'],
      ['enqueuedTime', 1_004, false, undefined],
    ] as const)('%s %d, inclusive %s: %s', async (kind, value, inclusive, expected) => {
      expect(await first({ kind, value, inclusive })).toBe(expected);
    });

    it('earliest and latest', async () => {
      expect(await first({ kind: 'earliest' })).toBe('0!');
      const latest = await log.locate({ kind: 'latest' });
      await log.append([text('new')]);
      expect(contents(await readAll(latest))).toEqual(['new']);
    });
  });

  it('tells when records became durable, until told not to', async () => {
    const seen: number[] = [];
    const stop = log.onDurable(() => seen.push(log.state.next.sequenceNumber));
    await log.append([text('a')]);
    await log.append([text('b'), text('c')]);
    stop();
    await log.append([text('d')]);
    expect(seen).toEqual([1, 3]);
  });

  it('refuses to work once closed', async () => {
    await log.close();
    await expect(log.append([text('late')])).rejects.toThrow(LogClosedError);
    await expect(log.read(0, everything)).rejects.toThrow(LogClosedError);
  });

  it('is there again after it was closed', async () => {
    if (implementation.reopen === undefined) return; // memory is gone with its process
    const words = Array.from({ length: 30 }, (_, i) => `word ${i}`);
    for (const word of words) await log.append([text(word)]);
    const { state } = log;
    await log.close();
    log = await implementation.reopen();
    expect(log.state).toEqual(state);
    clock.now = 0;
    await log.append([text('more')]);
    expect(contents(await readAll(0))).toEqual([...words, 'more']);
    expect(log.state.last).toMatchObject({ sequenceNumber: 30, enqueuedTime: 1_000 });
    expect(await log.locate({ kind: 'sequenceNumber', value: 30, inclusive: true })).toBe(state.next.offset);
  });
});
