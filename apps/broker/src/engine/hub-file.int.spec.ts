import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { NodeFileSystem } from '@app/partition-log';
import { ConfigError } from '../config/config-error.js';
import { openHubFile } from './hub-file.js';

describe('hub.json', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'hub-file-')), 'eventhubs/a');
    file = path.join(folder, 'hub.json');
  });
  afterEach(() => rm(path.dirname(path.dirname(folder)), { recursive: true }));

  const open = (partitionCount = 4, now = 5_000) =>
    openHubFile(
      new NodeFileSystem(),
      folder,
      { name: 'A', partitionCount, consumerGroups: [], retention: {} },
      now,
    );

  it('remembers when the hub was made', async () => {
    expect(await open()).toBe(5_000);
    expect(await open(4, 9_000)).toBe(5_000);
  });

  it('refuses another partition count', async () => {
    await open();
    await expect(open(5)).rejects.toThrow("Event Hub 'A' has 4 partitions");
  });

  it('is refused with any bit flipped, and cut off anywhere', async () => {
    await open();
    const content = await readFile(file);
    for (let bit = 0; bit < content.length * 8; bit++) {
      const flipped = Buffer.from(content);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(file, flipped);
      await expect(open()).rejects.toThrow(new ConfigError(`${file} is damaged: ${RESTORE}`));
    }
    for (let length = 0; length < content.length; length++) {
      await writeFile(file, content.subarray(0, length));
      await expect(open()).rejects.toThrow('is damaged');
    }
    await writeFile(file, content);
    expect(await open()).toBe(5_000);
  });
  const RESTORE = 'restore it from a backup, or move the folder away to begin anew';

  it('is refused where it is missing beside partitions', async () => {
    await mkdir(path.join(folder, '0'), { recursive: true });
    await expect(open()).rejects.toThrow(new ConfigError(`${file} is missing: ${RESTORE}`));
  });

  it('of the first engines is taken, and written anew', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(file, '{"partitionCount":4}\n');
    await expect(open(3)).rejects.toThrow('has 4 partitions');
    expect(await open(4, 7_000)).toBe(7_000);
    expect(await open(4, 8_000)).toBe(7_000);
  });
});
