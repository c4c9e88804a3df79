import { readFile } from 'node:fs/promises';

/** Bytes of memory that a process has in RAM. Linux only. */
export async function residentBytes(pid: number): Promise<number> {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kib === undefined) throw new Error(`process ${pid} is gone`);
  return Number(kib) * 1024;
}

/** Milliseconds of processor time that a process has used, kernel time included (clock ticks of 10 ms). */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // a name may hold blanks
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Looks at a process every 50 ms, until stopped, and keeps the most memory it had. */
export class MemoryWatch {
  peakBytes = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.timer = setInterval(() => void this.look(), 50);
  }

  async stop(): Promise<number> {
    clearInterval(this.timer);
    await this.look();
    return this.peakBytes;
  }

  private async look(): Promise<void> {
    this.peakBytes = Math.max(this.peakBytes, await residentBytes(this.pid).catch(() => 0));
  }
}
