import path from 'node:path';
import { CorruptLogError } from '../errors.js';
import type { FileSystem } from '../file-system/file-system.js';
import type { ReadHandles } from './read-handles.js';
import { readWhole, replaceFile } from './replace-file.js';
import { filePosition, walk, type Segment } from './segment.js';
import { SparseIndex } from './sparse-index.js';

/** Those of sealed segments that stay in memory, about 40 KiB each. */
const MAX_LOADED = 4;

/** The index files beside the sealed segments: written when one is sealed, read when somebody searches there. */
export class SegmentIndexes {
  /** The one used last stands last. */
  private readonly loaded = new Set<Segment>();

  constructor(
    private readonly fs: FileSystem,
    private readonly folder: string,
    private readonly files: ReadHandles,
    private readonly report: (message: string) => void,
  ) {}

  /** @throws CorruptLogError the index is missing, and so are sound records to make it from */
  async of(segment: Segment): Promise<SparseIndex> {
    const isActive = segment.index !== undefined && !this.loaded.has(segment);
    const index = (segment.index ??= await this.load(segment));
    if (!isActive) this.keep(segment);
    return index;
  }

  /** Writes what the active segment has gathered, and lets go of it: the segment is sealed. */
  async save(segment: Segment): Promise<void> {
    const { index } = segment;
    segment.index = undefined;
    if (index !== undefined) await this.write(segment, index);
  }

  async remove(segment: Segment): Promise<void> {
    this.loaded.delete(segment);
    await this.fs.remove(indexPath(segment));
  }

  private keep(segment: Segment): void {
    this.loaded.delete(segment);
    this.loaded.add(segment);
    for (const oldest of this.loaded) {
      if (this.loaded.size <= MAX_LOADED) return;
      this.loaded.delete(oldest);
      oldest.index = undefined;
    }
  }

  private async write(segment: Segment, index: SparseIndex): Promise<void> {
    try {
      await replaceFile(this.fs, indexPath(segment), index.encode());
    } catch (error) {
      this.report(`${indexPath(segment)} not written (${String(error)}): it is made anew when needed`);
    }
  }

  private async load(segment: Segment): Promise<SparseIndex> {
    const file = indexPath(segment);
    const { baseOffset } = segment.header;
    if ((await this.fs.list(this.folder)).includes(path.basename(file))) {
      const found = SparseIndex.decode(await readWhole(this.fs, file));
      if (found?.fits(baseOffset, segment.end) === true) return found;
      this.report(`${file} is damaged and is made anew`);
    }
    const index = new SparseIndex();
    const walked = await walk(this.files, segment, baseOffset, segment.end, (record) => {
      index.offer(record);
      return true;
    });
    if (walked.reason === 'invalid') {
      throw new CorruptLogError(segment.path, filePosition(segment, walked.offset), 'a damaged record');
    }
    await this.write(segment, index);
    return index;
  }
}

const indexPath = ({ path: file }: Segment): string => file.replace(/log$/, 'index');
