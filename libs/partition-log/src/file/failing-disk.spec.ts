import { open, readBack, text, word, words } from '../../test-support/word-log.js';
import { AppendRefusedError, LogFailedError } from '../errors.js';
import { MemoryFileSystem } from '../file-system/memory-file-system.js';

describe('a disk that fails', () => {
  /** Lets the n-th call of an operation on an open file fail, once. */
  async function failing(operation: 'write' | 'datasync', nth: number, count = 6) {
    const disk = new MemoryFileSystem();
    let calls = 0;
    let armed = false;
    const openFile = disk.open.bind(disk);
    disk.open = async (name, mode) => {
      const file = await openFile(name, mode);
      const original = file[operation].bind(file) as (...rest: unknown[]) => Promise<never>;
      file[operation] = async (...rest: unknown[]) => {
        const fails = armed && name.endsWith('.log') && ++calls === nth;
        if (fails) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        return original(...rest);
      };
      return file;
    };
    const log = await open(disk).opened;
    armed = true;
    const outcomes: string[] = [];
    for (let i = 0; i < count; i++) {
      await log.append([text(word(i))]).then(
        () => outcomes.push('ok'),
        (error: Error) => outcomes.push(error.name),
      );
    }
    await log.close();
    return { outcomes, disk, failure: log.failure };
  }

  it('refuses what it could not write, and goes on', async () => {
    const { outcomes, disk, failure } = await failing('write', 4); // the second laid zeros ahead
    expect(outcomes).toEqual(['ok', 'ok', AppendRefusedError.name, 'ok', 'ok', 'ok']);
    expect(failure).toBeUndefined();
    expect((await readBack(disk)).words).toEqual([0, 1, 3, 4, 5].map(word));
  });

  it('does without zeros ahead where there is no room for them', async () => {
    const { outcomes, disk, failure } = await failing('write', 2);
    expect(outcomes).toEqual(Array<string>(6).fill('ok'));
    expect(failure).toBeUndefined();
    expect((await readBack(disk)).words).toEqual(words(6));
  });

  it('acknowledges nothing after a failed sync, and does not sync again', async () => {
    const { outcomes, disk, failure } = await failing('datasync', 3);
    expect(outcomes).toEqual(['ok', 'ok', ...Array<string>(4).fill(LogFailedError.name)]);
    expect(failure).toMatchObject({ code: 'EIO' });
    expect((await readBack(disk)).words.slice(0, 2)).toEqual(words(2));
  });
});
