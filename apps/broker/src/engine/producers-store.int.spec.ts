import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MemoryPartitionLog, NodeFileSystem, type Payload } from '@app/partition-log';
import { eventually } from '@app/testing';
import { decodeSnapshot, encodeSnapshot } from './producers-file.js';
import { ProducersStore } from './producers-store.js';
import type { ProducerState } from './producers.js';

/** An event is its producer's mark, as text, padded: a stand-in for the annotations of a message. */
const event = (mark: ProducerState | 'unmarked', bytes = 0): Payload => {
  const content = Buffer.from(JSON.stringify(mark).padEnd(bytes));
  return { maxBytes: content.length, write: (target, at) => at + content.copy(target, at) };
};
const markOf = (stored: Buffer) => {
  const mark = JSON.parse(stored.toString()) as ProducerState | 'unmarked';
  return mark === 'unmarked' ? undefined : mark;
};

describe('what a partition knows of its producers', () => {
  let folder: string;
  let file: string;
  let log: MemoryPartitionLog;
  let read: number;
  let reports: string[];
  const stores: ProducersStore[] = [];
  const start = async (snapshotBytes = 1_000_000) => {
    read = 0;
    const counting = (stored: Buffer) => (read++, markOf(stored));
    const report = (message: string) => reports.push(message);
    const store = await ProducersStore.open({
      file,
      fileSystem: new NodeFileSystem(),
      log,
      maxProducers: 10,
      markOf: counting,
      report,
      snapshotBytes,
    });
    stores.push(store);
    return store;
  };
  const claim = (id: number) => ({ id, epoch: undefined, lastSequence: undefined });
  const send = (store: ProducersStore, id: number, first: number, bytes = 0) => {
    const producer = store.open(claim(id), () => undefined);
    return store.append(producer, first, 1, () =>
      log.append([event({ id, epoch: 0, lastSequence: first }, bytes)]),
    );
  };
  const lastOf = (store: ProducersStore, id: number) => store.open(claim(id), () => undefined).lastSequence;
  const onDisk = async () => decodeSnapshot(await readFile(file));

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'producers-'));
    file = path.join(folder, '0.producers');
    log = new MemoryPartitionLog();
    reports = [];
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await rm(folder, { recursive: true });
  });

  it('is nothing, and costs nothing, until one comes', async () => {
    await log.append([event('unmarked'), event('unmarked')]);
    await (await start()).close();
    expect(await readdir(folder)).toEqual([]);
    await start();
    expect(read).toBe(0);
  });

  it('is there after a crash: from the file, and from the events behind it', async () => {
    const first = await start();
    await send(first, 7, 1);
    await send(first, 7, 2);
    await log.append([event('unmarked')]);
    await send(first, 8, 1);
    const second = await start(); // the first one is not closed
    expect(read).toBe(4);
    expect([lastOf(second, 7), lastOf(second, 8)]).toEqual([2, 1]);
  });

  it('is read from the file alone after a clean stop', async () => {
    const first = await start();
    await send(first, 7, 1);
    await first.close();
    expect(await onDisk()).toEqual({
      upTo: log.state.next.offset,
      producers: [{ id: 7, epoch: 0, lastSequence: 1 }],
    });
    expect(lastOf(await start(), 7)).toBe(1);
    expect(read).toBe(0);
  });

  it('is written anew as the log grows, whoever makes it grow', async () => {
    const store = await start(1_000);
    await send(store, 7, 1);
    await log.append([event('unmarked', 2_000)]);
    await eventually(async () => (await onDisk())?.upTo === log.state.next.offset, {
      timeoutMs: 20_000,
      intervalMs: 5,
    });
    expect((await onDisk())?.producers).toEqual([{ id: 7, epoch: 0, lastSequence: 1 }]);
  });

  it.each([
    ['damaged', Buffer.from('deadbeef\n{}\n')],
    ['of a longer log', encodeSnapshot({ upTo: 9_999, producers: [] })],
  ])('is read from all events where the file is %s', async (_name, content) => {
    const first = await start();
    await send(first, 7, 1);
    await first.close();
    await writeFile(file, content);
    expect(lastOf(await start(), 7)).toBe(1);
    expect(reports).toHaveLength(1);
    expect(read).toBe(1);
  });

  it('keeps a producer’s newest epoch, whatever older events follow', async () => {
    const store = await start();
    await send(store, 7, 5).catch(() => undefined);
    await send(store, 7, 1);
    store.open({ id: 7, epoch: 3, lastSequence: 0 }, () => undefined);
    await store.close();
    await log.append([event({ id: 7, epoch: 0, lastSequence: 2 })]); // was on its way when the owner changed
    expect((await start()).open(claim(7), () => undefined)).toMatchObject({ epoch: 3, lastSequence: 0 });
  });

  it('cannot be kept where the file cannot be written: sends are refused, and taken later', async () => {
    file = path.join(folder, 'missing', '0.producers');
    const store = await start();
    await expect(send(store, 7, 1)).rejects.toMatchObject({ code: 'APPEND_REFUSED' });
    expect(log.state.next.sequenceNumber).toBe(0);
    await mkdir(path.dirname(file));
    await send(store, 7, 1);
    expect(log.state.next.sequenceNumber).toBe(1);
  });
});
