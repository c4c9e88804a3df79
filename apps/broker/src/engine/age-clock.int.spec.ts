import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NodeFileSystem } from '@app/partition-log';
import { openAgeClock } from './age-clock.js';

const fs = new NodeFileSystem();
const year = 365 * 24 * 3_600_000;

describe('the clock that retention goes by', () => {
  let folder: string;
  let wall: number;
  let up: number;
  let id: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'clock-'));
    [wall, up, id] = [1_000_000, 500, 'first boot'];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = async () => {
    const boot = { id, uptimeMs: () => up };
    const clock = await openAgeClock(fs, folder, () => wall, boot);
    if (!clock) throw new Error('no clock');
    return clock;
  };
  const pass = (ms: number) => {
    wall += ms;
    up += ms;
  };

  it('goes as time does, whatever the machine’s clock is set to, also over a restart', async () => {
    const before = await open();
    pass(1_000);
    expect(before()).toBe(1_001_000);
    wall += year;
    const after = await open();
    expect([before(), after()]).toEqual([1_001_000, 1_001_000]);
    pass(1_000);
    expect(after()).toBe(1_002_000);
    wall -= 2 * year;
    expect(after()).toBe(1_002_000 - year);
  });

  it('believes the machine’s clock at the first start after a boot', async () => {
    await open();
    wall += year;
    [id, up] = ['second boot', 10];
    expect((await open())()).toBe(1_000_000 + year);
  });

  it('begins anew where its file is damaged', async () => {
    await open();
    await writeFile(path.join(folder, 'clock.json'), '{"boot":"first boot","bootedAt":null}');
    wall += 5;
    expect((await open())()).toBe(1_000_005);
  });
});
