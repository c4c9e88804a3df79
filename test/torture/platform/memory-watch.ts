import { readFileSync } from 'node:fs';

/** What is watched: the process as it is now, for it may be another after a restart. */
export interface Watched {
  name: string;
  pid: number;
}

interface Sample {
  minutes: number;
  mib: number;
}

const everyMs = 500;
/** A process grows until its heap has found its size: that much of the time says nothing about a leak. */
const warmUp = 0.25;

/** Looks at the resident memory of processes, as Linux counts it, until it is asked what it has seen. */
export class MemoryWatch {
  private readonly samples = new Map<string, Sample[]>();
  private readonly began = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly processes: () => Iterable<Watched>) {
    this.timer = setInterval(() => this.look(), everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The most that a process had, in MiB, and which that was. */
  get most(): { mib: number; name: string } {
    const all = [...this.samples].flatMap(([name, samples]) => samples.map(({ mib }) => ({ mib, name })));
    return all.reduce((most, one) => (one.mib > most.mib ? one : most), { mib: 0, name: 'nobody' });
  }

  /** The steepest growth, in MiB a minute: the slope of the line nearest to a process's samples, after the warm-up. */
  get steepest(): number {
    return Math.max(...[...this.samples.values()].map(slopeOf));
  }

  private look(): void {
    const minutes = (performance.now() - this.began) / 60_000;
    for (const { name, pid } of this.processes()) {
      const mib = residentMib(pid);
      if (mib === undefined) continue;
      const mine = this.samples.get(name) ?? [];
      this.samples.set(name, mine);
      mine.push({ minutes, mib });
    }
  }
}

/** Undefined where the process has gone. */
function residentMib(pid: number): number | undefined {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) / 1_024;
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      (error as NodeJS.ErrnoException).code === 'ESRCH'
    )
      return undefined;
    throw error;
  }
}

/** By least squares. */
export function slopeOf(samples: readonly Sample[]): number {
  const settled = samples.slice(Math.floor(samples.length * warmUp));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(settled.map(({ minutes }) => minutes)), mean(settled.map(({ mib }) => mib))];
  const over = settled.reduce((sum, { minutes, mib }) => sum + (minutes - x) * (mib - y), 0);
  const under = settled.reduce((sum, { minutes }) => sum + (minutes - x) ** 2, 0);
  return under === 0 ? 0 : over / under;
}
