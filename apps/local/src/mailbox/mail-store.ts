import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { blankLines, type LinePlace } from './blank-lines.js';
import type { Mail } from './mail.js';

/** A line of the file: a mail, the note that one came again, or that the one at that place is to be blank. */
type Line = Mail | { duplicateOf: string; receivedAt: string } | ({ erased: string } & LinePlace);

interface Entry {
  offset: number;
  length: number;
  to: readonly string[];
  /** How often the same Message-ID came again. */
  duplicates: number;
  /** Its line is blank, or about to be: the Message-ID is all that is known of it. */
  erased?: true;
  /** Settles when the mail is on disk, or could not be written. */
  stored: Promise<void>;
}

export type StoredMail = Mail & { duplicates: number };

/** What is asked for; `after` is the place of the last mail that was seen. */
export interface MailQuery {
  to?: string;
  messageId?: string;
  after?: number;
  limit: number;
}

const onDisk = Promise.resolve();

/** The mailbox takes no more: about 200 bytes of memory a mail, and that is enough for one machine. */
export const mostMails = 500_000;

export class MailboxFullError extends Error {
  readonly code = 'MAILBOX_FULL';
}

/**
 * One mail a Message-ID, in an append-only file of JSON lines. Memory holds the index only.
 *
 * A mail is accepted once its line is on disk; lines that wait together are written and synced together.
 */
export class MailStore {
  private readonly order: string[] = [];
  private readonly entries = new Map<string, Entry>();
  private waiting: { line: Line; done: (error?: Error) => void }[] = [];
  private writing: Promise<void> | undefined;
  private end = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly places: FileHandle,
  ) {}

  /** Opens the store in a folder, made where missing. A last line torn by a crash is cut off. */
  static async open(dir: string): Promise<MailStore> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const path = join(dir, 'mail.jsonl');
    const file = await open(path, 'a+', 0o600);
    const store = new MailStore(file, await open(path, 'r+'));
    await store.load(path);
    return store;
  }

  get size(): number {
    return this.entries.size;
  }

  /**
   * @returns whether it was the first of its Message-ID
   * @throws MailboxFullError
   */
  async add(mail: Mail): Promise<'stored' | 'duplicate'> {
    const known = this.entries.get(mail.messageId);
    if (known) {
      await known.stored;
      await this.append({ duplicateOf: mail.messageId, receivedAt: mail.receivedAt });
      known.duplicates++;
      return 'duplicate';
    }
    if (this.entries.size >= mostMails)
      throw new MailboxFullError(`the mailbox holds ${mostMails} mails already`);
    const stored = this.append(mail);
    this.entries.set(mail.messageId, { offset: -1, length: 0, to: mail.to, duplicates: 0, stored });
    try {
      await stored;
    } catch (error) {
      this.entries.delete(mail.messageId);
      throw error;
    }
    return 'stored';
  }

  async get(messageId: string): Promise<StoredMail | undefined> {
    const entry = this.entries.get(messageId);
    if (!entry || entry.erased || entry.offset < 0) return undefined;
    const bytes = Buffer.alloc(entry.length);
    await this.file.read(bytes, 0, entry.length, entry.offset);
    return { ...(JSON.parse(bytes.toString('utf8')) as Mail), duplicates: entry.duplicates };
  }

  /**
   * Takes a mail away, bytes and all; its Message-ID is known from then on, so that it is not taken in again.
   * @returns whether there was one
   */
  async erase(messageId: string): Promise<boolean> {
    const entry = this.entries.get(messageId);
    if (!entry || entry.erased) return false;
    await entry.stored;
    const { offset, length } = entry;
    entry.erased = true;
    entry.to = [];
    // First the note: whoever opens the file after a crash finishes it.
    await this.append({ erased: messageId, offset, length });
    await blankLines(this.places, [{ offset, length }]);
    return true;
  }

  /** In the order in which they came. `last` is the place to go on from, absent at the end. */
  async list({
    to,
    messageId,
    after = -1,
    limit,
  }: MailQuery): Promise<{ items: StoredMail[]; last?: number }> {
    const found: number[] = [];
    for (let place = after + 1; place < this.order.length && found.length <= limit; place++) {
      const id = this.order[place] ?? '';
      if (messageId !== undefined && id !== messageId) continue;
      if (to !== undefined && !this.entries.get(id)?.to.includes(to.toLowerCase())) continue;
      found.push(place);
    }
    const page = found.slice(0, limit);
    const mails = await Promise.all(page.map((place) => this.get(this.order[place] ?? '')));
    const items = mails.filter((mail) => mail !== undefined);
    const last = page.at(-1);
    return found.length > limit && last !== undefined ? { items, last } : { items };
  }

  async close(): Promise<void> {
    await this.writing;
    await this.file.close();
    await this.places.close();
  }

  private append(line: Line): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ line, done: (error) => (error ? reject(error) : resolve()) });
      this.writing ??= this.write();
    });
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, 500);
      const lines = batch.map(({ line }) => Buffer.from(`${JSON.stringify(line)}\n`));
      try {
        await this.file.appendFile(Buffer.concat(lines));
        await this.file.datasync();
        batch.forEach(({ line }, index) => this.index(line, lines[index]?.length ?? 0));
        for (const { done } of batch) done();
      } catch (error) {
        // What reached the disk is unknown: cut back to the last line that was accepted.
        await this.file.truncate(this.end);
        for (const { done } of batch) done(error as Error);
      }
    }
    // At once, not in a later turn: a mail that comes in between would wait for nobody.
    this.writing = undefined;
  }

  private async load(path: string): Promise<void> {
    const unread = new Map<number, unknown>();
    const erased: LinePlace[] = [];
    let rest = Buffer.alloc(0);
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      rest = Buffer.concat([rest, chunk]);
      let start = 0;
      for (let newline = rest.indexOf(10); newline >= 0; newline = rest.indexOf(10, start)) {
        const length = newline + 1 - start;
        const line = lineIn(rest.toString('utf8', start, newline), (error) => unread.set(this.end, error));
        if (line) this.recall(line, length);
        else this.end += length;
        if (line && 'erased' in line) erased.push({ offset: line.offset, length: line.length });
        start = newline + 1;
      }
      rest = rest.subarray(start);
    }
    for (const { offset } of erased) unread.delete(offset);
    for (const [offset, error] of unread) {
      throw new Error(`${path} cannot be read at byte ${offset}`, { cause: error });
    }
    await blankLines(this.places, erased);
    if (rest.length > 0) await this.file.truncate(this.end);
  }

  private recall(line: Line, length: number): void {
    if ('duplicateOf' in line) {
      const entry = this.entries.get(line.duplicateOf);
      if (entry) entry.duplicates++;
    } else if ('erased' in line) {
      const gone = { offset: -1, length: 0, to: [], duplicates: 0, erased: true as const, stored: onDisk };
      this.entries.set(line.erased, gone);
    } else
      this.entries.set(line.messageId, { offset: -1, length: 0, to: line.to, duplicates: 0, stored: onDisk });
    this.index(line, length);
  }

  private index(line: Line, length: number): void {
    const entry = 'messageId' in line ? this.entries.get(line.messageId) : undefined;
    if (entry && 'messageId' in line) {
      entry.offset = this.end;
      entry.length = length;
      this.order.push(line.messageId);
    }
    this.end += length;
  }
}

/** Undefined for a line that is blank, and for one that cannot be read: a crash may have come upon it half blank. */
function lineIn(text: string, unreadable: (error: unknown) => void): Line | undefined {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as Line;
  } catch (error) {
    unreadable(error);
    return undefined;
  }
}
