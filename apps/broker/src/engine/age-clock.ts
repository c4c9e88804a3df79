import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import path from 'node:path';
import { readWhole, replaceFile, type FileSystem } from '@app/partition-log';

/** What nobody sets: how long the machine has been up, and a name for that time. */
export interface Boot {
  readonly id: string;
  uptimeMs(): number;
}

const FILE = 'clock.json';

/**
 * The clock that retention goes by, over restarts of the engine: as long as the machine stays up, it goes forward no faster
 * than time does since the engine's first start. A machine's clock that jumps ahead removes nothing early, even if the engine
 * starts by it; at the first start after a boot it is believed. Kept in `clock.json` of the data folder.
 *
 * @returns undefined where the system does not name its boots
 */
export async function openAgeClock(
  fs: FileSystem,
  folder: string,
  now: () => number = Date.now,
  boot?: Boot,
): Promise<(() => number) | undefined> {
  const current = boot ?? (await bootOfLinux());
  if (!current) return undefined;
  const file = path.join(folder, FILE);
  const kept = (await fs.list(folder)).includes(FILE) ? decode(await readWhole(fs, file)) : undefined;
  let bootedAt = kept?.boot === current.id ? kept.bootedAt : undefined;
  if (bootedAt === undefined) {
    bootedAt = now() - current.uptimeMs();
    await replaceFile(fs, file, Buffer.from(`${JSON.stringify({ boot: current.id, bootedAt })}\n`));
  }
  const since = bootedAt;
  return () => Math.min(now(), since + current.uptimeMs());
}

interface Kept {
  boot: string;
  /** By the clock of the first start after that boot, milliseconds since 1970. */
  bootedAt: number;
}

/** What cannot be read is written anew: nothing but a wrong clock can come of that. */
function decode(content: Buffer): Kept | undefined {
  try {
    const { boot, bootedAt } = JSON.parse(content.toString()) as Partial<Kept>;
    return typeof boot === 'string' && Number.isFinite(bootedAt) ? ({ boot, bootedAt } as Kept) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

async function bootOfLinux(): Promise<Boot | undefined> {
  try {
    const id = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    return { id, uptimeMs: () => uptime() * 1_000 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
