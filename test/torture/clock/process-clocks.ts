import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, workspaceRoot } from '@app/testing';
import type { Process } from '../platform/process.js';

/** A clock for each process, each of which can be set. */
export class ProcessClocks {
  readonly nodeOptions = ['--import', join(workspaceRoot, 'test/torture/clock/shift-date.mjs')];

  constructor(private readonly folder: string) {}

  envOf(name: string): Record<string, string> {
    const file = this.fileOf(name);
    try {
      readFileSync(file);
    } catch {
      writeFileSync(file, '0');
    }
    return { TORTURE_CLOCK: file };
  }

  /** Resolves when the process goes by it; one that is just starting reads it at its start. */
  async set(process: Process, errorMs: number): Promise<void> {
    const file = this.fileOf(process.name);
    writeFileSync(file, String(errorMs));
    await process.whenUp();
    process.signal('SIGUSR2');
    await eventually(() => readFileSync(`${file}.taken`, 'utf8') === String(errorMs), { timeoutMs: 10_000 });
  }

  private fileOf(name: string): string {
    return join(this.folder, `clock-${name}`);
  }
}
