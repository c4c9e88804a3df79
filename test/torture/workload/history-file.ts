import { closeSync, openSync, writeSync } from 'node:fs';
import type { HistoryEntry } from '../checker/evidence.js';

type Noted = Omit<HistoryEntry, 'seq' | 'monoNs' | 'proc'>;

/** A history as JSON lines, written as it happens, so that it outlives whoever writes it. */
export class HistoryFile {
  readonly entries: HistoryEntry[] = [];
  private readonly file: number;

  constructor(
    path: string,
    private readonly proc: string,
  ) {
    this.file = openSync(path, 'a');
  }

  note(noted: Noted): void {
    const entry: HistoryEntry = {
      seq: this.entries.length + 1,
      monoNs: String(process.hrtime.bigint()),
      proc: this.proc,
      ...noted,
    };
    this.entries.push(entry);
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
  }

  close(): void {
    closeSync(this.file);
  }
}
