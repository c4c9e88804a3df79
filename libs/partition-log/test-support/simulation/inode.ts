import type { Random } from '@app/testing';

interface Change {
  readonly position: number;
  /** Undefined = the file is cut off, or lengthened, at the position. */
  readonly data: Buffer | undefined;
  /** `forgotten`: a sync that failed has left it behind, and no later one takes it up. */
  state: 'unsynced' | 'synced' | 'forgotten';
}

/** The content of one file: what a process reads, and the changes whose fate a power loss decides. */
export class Inode {
  content: Buffer = Buffer.alloc(0);
  private certain: Buffer = Buffer.alloc(0);
  private changes: Change[] = [];

  write(data: Uint8Array, position: number): void {
    this.apply({ position, data: Buffer.from(data), state: 'unsynced' });
  }

  truncate(length: number): void {
    this.apply({ position: length, data: undefined, state: 'unsynced' });
  }

  sync(): void {
    for (const change of this.changes) if (change.state === 'unsynced') change.state = 'synced';
    if (this.changes.some(({ state }) => state === 'forgotten')) return;
    this.certain = this.content;
    this.changes = [];
  }

  forgetUnsynced(): void {
    for (const change of this.changes) if (change.state === 'unsynced') change.state = 'forgotten';
  }

  copy(): Inode {
    const copy = new Inode();
    copy.content = this.content;
    copy.certain = this.certain;
    copy.changes = this.changes.map((change) => ({ ...change }));
    return copy;
  }

  afterPowerLoss(random: Random, sectorBytes: number): Inode {
    const survivor = new Inode();
    let content = this.certain;
    for (const change of this.changes) {
      const fate = change.state === 'synced' ? 0 : random.below(4);
      if (fate === 0) content = applied(content, change);
      else if (fate >= 2) content = torn(content, change, random, sectorBytes);
    }
    survivor.content = content;
    survivor.certain = content;
    return survivor;
  }

  private apply(change: Change): void {
    this.content = applied(this.content, change);
    this.changes.push(change);
  }
}

function applied(content: Buffer, { position, data }: Change): Buffer {
  if (data === undefined) {
    const after = Buffer.alloc(position);
    content.copy(after);
    return after;
  }
  const after = Buffer.alloc(Math.max(content.length, position + data.length));
  content.copy(after);
  data.copy(after, position);
  return after;
}

/** Some sectors of the write arrived; the file has its new length, or ends with the last one that did. */
function torn(content: Buffer, change: Change, random: Random, sectorBytes: number): Buffer {
  const { position, data } = change;
  if (data === undefined) return random.chance(0.5) ? applied(content, change) : content;
  const end = position + data.length;
  const after = Buffer.alloc(Math.max(content.length, end));
  content.copy(after);
  let arrived = content.length;
  for (let from = position; from < end;) {
    const to = Math.min(end, (Math.floor(from / sectorBytes) + 1) * sectorBytes);
    if (random.chance(0.5)) {
      data.copy(after, from, from - position, to - position);
      arrived = Math.max(arrived, to);
    }
    from = to;
  }
  return random.chance(0.5) ? after : after.subarray(0, arrived);
}
