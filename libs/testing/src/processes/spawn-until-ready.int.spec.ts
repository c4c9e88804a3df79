import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnUntilReady } from './spawn-until-ready.js';

describe('spawnUntilReady', () => {
  let folder: string;
  const program = async (name: string, source: string) => {
    const file = join(folder, `${name}.mjs`);
    await writeFile(file, source);
    return file;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spawn-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('answers what the program says when it is ready, and stops it', async () => {
    const orderly = await program(
      'orderly',
      `setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(0)); process.send({ ready: true, port: Number(process.env.N) })`,
    );
    const spawned = await spawnUntilReady<{ ready: true; port: number }>(orderly, { env: { N: '7' } });
    expect(spawned.ready.port).toBe(7);
    await spawned.stop();
    await spawned.stop();
  });

  it('tells what a program printed that ended too early', async () => {
    const failing = await program('failing', `console.error('no database'); process.exitCode = 3`);
    await expect(spawnUntilReady(failing)).rejects.toThrow(/ended with 3 before it was ready:\nno database/);
  });

  it('fails on a program that does not end orderly', async () => {
    const rude = await program(
      'rude',
      `setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(9)); process.send({ ready: true })`,
    );
    const spawned = await spawnUntilReady(rude);
    await expect(spawned.stop()).rejects.toThrow('did not end orderly on SIGTERM');
  });
});
