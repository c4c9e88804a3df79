import { createHash } from 'node:crypto';
import type { BadEntry } from '../domain/chain-verifier.js';
import type { ChainedEntry } from '../domain/audit-entry.js';
import { markBytes, markOf, type PublishedHead } from '../domain/published-head.js';
import { HeadsFile } from '../publish/heads-file.js';
import type { Publication } from '../publish/publish-heads.js';
import type { Sql } from '../sql.js';
import { readPublished } from './read-heads.js';

/**
 * Walks a chain beside what was published of it: `next()` for each entry from the first, then `end()`. Holds one line.
 * What is published after it was opened is not looked at.
 */
export class PublishedTrail {
  /** The last position that a head covers which was found to be right. */
  covered = 0n;
  private head: PublishedHead | undefined;
  private previous = createHash('sha256').digest();
  private over = false;
  private readonly lines: AsyncGenerator<string>;

  private constructor(
    private readonly partitionId: number,
    private readonly key: Publication['key'],
    file: HeadsFile,
    size: number,
    /** How far the database says that it was published. */
    private readonly published: bigint,
  ) {
    this.lines = file.lines(size);
  }

  /** One for each chain of which something is published, or was. */
  static async all({ folder, key }: Publication, sql: Sql): Promise<Map<number, PublishedTrail>> {
    // In this order: what the database says is in the file, and what is in the file is in the chain.
    const published = await readPublished(sql);
    const trails = new Map<number, PublishedTrail>();
    for (const id of new Set([...published.keys(), ...(await HeadsFile.chains(folder))])) {
      const file = new HeadsFile(folder, id);
      trails.set(id, new PublishedTrail(id, key, file, await file.size(), published.get(id) ?? 0n));
    }
    return trails;
  }

  async next({ position, eventId, hash }: ChainedEntry): Promise<BadEntry | undefined> {
    const broken = await this.turnTo(position);
    if (broken) return broken;
    if (!this.head) return undefined;
    const at = Number(position - this.head.from) * markBytes;
    const same =
      markOf(hash).equals(this.head.marks.subarray(at, at + markBytes)) &&
      (position < this.head.position || hash.equals(this.head.hash));
    if (!same) return this.bad(position, 'not what was published', eventId);
    if (position === this.head.position) this.covered = position;
    return undefined;
  }

  /** @param position the chain's last */
  async end(position: bigint): Promise<BadEntry | undefined> {
    const broken = await this.turnTo(position + 1n);
    if (broken) return broken;
    if (this.head) return this.bad(position + 1n, 'missing');
    if (this.covered < this.published) return this.bad(this.covered + 1n, 'published head missing');
    return undefined;
  }

  async close(): Promise<void> {
    await this.lines.return(undefined);
  }

  /** Makes `head` the one that speaks of a position; of none where nothing is published that far. */
  private async turnTo(position: bigint): Promise<BadEntry | undefined> {
    while (!this.over && position > (this.head?.position ?? 0n)) {
      const { value: line, done } = await this.lines.next();
      if (done) {
        this.over = true;
        break;
      }
      const head = await this.key.read(line);
      if (!head || !this.follows(head))
        return this.bad((this.head?.position ?? 0n) + 1n, 'published head forged');
      this.head = head;
      this.previous = createHash('sha256').update(line).digest();
    }
    if (this.over && position > (this.head?.position ?? 0n)) this.head = undefined;
    return undefined;
  }

  private follows({ partitionId, from, position, marks, previous }: PublishedHead): boolean {
    return (
      partitionId === this.partitionId &&
      from === (this.head?.position ?? 0n) + 1n &&
      BigInt(marks.length / markBytes) === position - from + 1n &&
      previous.equals(this.previous)
    );
  }

  private bad(position: bigint, reason: BadEntry['reason'], eventId?: string): BadEntry {
    return {
      partitionId: this.partitionId,
      position: Number(position),
      ...(eventId ? { eventId } : {}),
      reason,
    };
  }
}
