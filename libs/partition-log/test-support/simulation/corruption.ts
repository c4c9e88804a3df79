import path from 'node:path';
import { CorruptLogError } from '../../src/errors.js';
import { MemoryFileSystem } from '../../src/file-system/memory-file-system.js';
import { CHECKPOINT_FILE } from '../../src/file/checkpoint.js';
import { BlockCache } from '../../src/file/block-cache.js';
import { FilePartitionLog } from '../../src/file/file-partition-log.js';
import type { Sabotage } from '../../src/file/sabotage.js';
import { SEGMENT_HEADER_BYTES } from '../../src/file/segment-header.js';
import type { LogRecord, LogState, Payload, Position } from '../../src/partition-log.js';
import type { Retention } from '../../src/retention.js';
import { damage } from './damage.js';
import type { Random } from '@app/testing';

const FOLDER = '/log';

interface Written extends Position {
  readonly content: Buffer;
  /** Offset of its batch's first record. */
  readonly batch: number;
}

/** A disk as an engine has left it, and what was acknowledged: the truth. */
interface Original {
  readonly disk: MemoryFileSystem;
  readonly written: readonly Written[];
  readonly state: LogState;
  /** How far the checkpoint vouches. */
  readonly checkpointed: number;
}

export interface CorruptionReport {
  mutations: number;
  /** Refused at the start, or by a read, by name. */
  refused: number;
  /** Opened, and everything was there. */
  healed: number;
  /** Opened without the last batch, for which nothing vouched. */
  cut: number;
  readonly findings: string[];
}

/** Shared by all copies, as the engine shares it between partitions: what one of them read must not serve another. */
const blocks = new BlockCache(1024 * 1024);

const open = (disk: MemoryFileSystem, sabotage?: Sabotage, retention: Retention = {}) =>
  FilePartitionLog.open({
    folder: FOLDER,
    fileSystem: disk,
    segmentBytes: 2_000,
    tailCacheBytes: 0,
    blocks,
    idleMs: 1e6,
    retention,
    now: () => 5_000,
    ...(sabotage && { sabotage }),
  });

/** Damages copies of disks, one copy after the other, and looks at what the log makes of each. */
export async function corruptions(
  random: Random,
  wanted: number,
  sabotage?: Sabotage,
): Promise<CorruptionReport> {
  const report: CorruptionReport = { mutations: 0, refused: 0, healed: 0, cut: 0, findings: [] };
  while (report.mutations < wanted && report.findings.length === 0) {
    const original = await makeOriginal(random);
    for (let i = 0; i < 50 && report.findings.length === 0; i++) {
      const disk = original.disk.copy();
      const names = [...disk.files.keys()];
      const name = names[random.below(names.length)] as string;
      const what = damage(disk, name, random);
      report.mutations++;
      const finding = await examine(original, disk, name, report, sabotage);
      if (finding !== undefined) report.findings.push(`${what} of ${path.basename(name)}: ${finding}`);
    }
  }
  return report;
}

async function makeOriginal(random: Random): Promise<Original> {
  const disk = new MemoryFileSystem();
  const log = await open(disk, undefined, random.chance(0.3) ? { bytes: 4_000 } : {});
  const written: Written[] = [];
  for (let i = 3 + random.below(25); i > 0; i--) {
    const contents = Array.from({ length: 1 + random.below(4) }, () => bytes(random, 1 + random.below(400)));
    const positions = await log.append(contents.map(payloadOf));
    const batch = (positions[0] as Position).offset;
    for (const [n, position] of positions.entries())
      written.push({ ...position, content: contents[n] as Buffer, batch });
    if (random.chance(0.1)) await log.expire();
  }
  const isClosed = random.chance(0.5);
  if (isClosed) await log.close();
  const { state } = log;
  const left = disk.copy(); // else it was killed right after the last acknowledgement
  if (!isClosed) await log.close();
  const checkpointed = isClosed ? state.next.offset : state.begin.offset;
  return { disk: left, written, state, checkpointed };
}

async function examine(
  original: Original,
  disk: MemoryFileSystem,
  name: string,
  report: CorruptionReport,
  sabotage?: Sabotage,
): Promise<string | undefined> {
  const vouched = vouchedFor(original, disk);
  const isRebuilt = !name.endsWith('.log');
  try {
    const log = await open(disk, sabotage);
    const finding = await compare(original, log, vouched);
    if (log.state.next.offset < original.state.next.offset) report.cut++;
    else report.healed++;
    await log.close();
    return finding;
  } catch (error) {
    if (!(error instanceof CorruptLogError)) return `no refusal by name: ${String((error as Error).stack)}`;
    if (isRebuilt) return `refused, though it could be made anew: ${error.message}`;
    if (!error.file.startsWith(FOLDER) || !(error.position >= 0)) return `names no place: ${error.message}`;
    report.refused++;
    return undefined;
  }
}

/** Acknowledged bytes that the log can know to be so: by the checkpoint, or by a batch that came later. */
function vouchedFor({ disk, written, checkpointed }: Original, damaged: MemoryFileSystem): number {
  const sound = (file: string) => {
    const [before, after] = [disk.files.get(file), damaged.files.get(file)];
    return after !== undefined && before?.equals(after) === true;
  };
  const isWhole = ({ offset, content }: Written) => {
    const base = Math.max(...[...disk.files.keys()].map(baseOf).filter((b) => b <= offset));
    const file = path.join(FOLDER, `${String(base).padStart(20, '0')}.log`);
    const from = SEGMENT_HEADER_BYTES + offset - base;
    const range = (of: MemoryFileSystem) => of.files.get(file)?.subarray(from, from + 48 + content.length);
    const [before, after] = [range(disk), range(damaged)];
    return before !== undefined && after !== undefined && before.equals(after);
  };
  const lastWhole = written.findLast((record) => record.offset === record.batch && isWhole(record));
  const checkpoint = sound(path.join(FOLDER, CHECKPOINT_FILE)) ? checkpointed : 0;
  return Math.max(checkpoint, lastWhole?.offset ?? 0);
}

const baseOf = (file: string): number =>
  file.endsWith('.log') ? Number(path.basename(file, '.log')) : Infinity;

/** @throws CorruptLogError by a read */
async function compare(
  { written, state }: Original,
  log: FilePartitionLog,
  vouched: number,
): Promise<string | undefined> {
  const { begin, next } = log.state;
  if (begin.offset !== state.begin.offset) return `begins at ${begin.offset}, not at ${state.begin.offset}`;
  if (next.offset < Math.min(vouched, state.next.offset))
    return `cut off at ${next.offset}, vouched to ${vouched}`;
  const kept = written.filter(({ offset }) => offset >= begin.offset && offset < next.offset);
  const records: LogRecord[] = [];
  for (let cursor = begin.offset; ;) {
    const read = await log.read(cursor, { maxBytes: 3_000, maxRecords: 20 });
    if (read.records.length === 0) break;
    records.push(...read.records);
    cursor = read.next;
  }
  if (records.length !== kept.length) return `${records.length} records instead of ${kept.length}`;
  for (const [i, truth] of kept.entries()) {
    const { payload, ...position } = records[i] as LogRecord;
    if (!payload.equals(truth.content)) return `bad bytes served at ${truth.offset}`;
    if (!same(position, truth))
      return `the record at ${truth.offset} is said to be ${JSON.stringify(position)}`;
    const found = await log.locate({ kind: 'sequenceNumber', value: truth.sequenceNumber, inclusive: true });
    if (found !== truth.offset) return `number ${truth.sequenceNumber} is said to be at ${found}`;
  }
  const [position] = await log.append([payloadOf(Buffer.from('next'))]);
  if (position?.offset !== next.offset) return 'the next record does not follow the last';
  return undefined;
}

const same = (a: Position, b: Position): boolean =>
  a.offset === b.offset && a.sequenceNumber === b.sequenceNumber && a.enqueuedTime === b.enqueuedTime;

const bytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => (random.chance(0.2) ? 0 : random.below(256))));

const payloadOf = (content: Buffer): Payload => ({
  maxBytes: content.length,
  write: (target, at) => at + content.copy(target, at),
});
