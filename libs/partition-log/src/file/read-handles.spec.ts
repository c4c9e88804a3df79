import { MemoryFileSystem } from '../file-system/memory-file-system.js';
import { ReadHandles } from './read-handles.js';

/** A disk that counts the files that are open. */
function countingDisk() {
  const disk = new MemoryFileSystem();
  const counts = { opened: 0, open: 0, most: 0 };
  const open = disk.open.bind(disk);
  disk.open = async (name, mode) => {
    const file = await open(name, mode);
    counts.opened++;
    counts.most = Math.max(counts.most, ++counts.open);
    const close = file.close.bind(file);
    file.close = async () => {
      counts.open--;
      await close();
    };
    return file;
  };
  for (const name of ['a', 'b', 'c', 'd']) disk.files.set(name, Buffer.from(`content of ${name}`));
  return { disk, counts };
}

describe('files open for reading', () => {
  it('stay open for the next read, the last two of them', async () => {
    const { disk, counts } = countingDisk();
    const handles = new ReadHandles(disk);
    for (const name of ['a', 'a', 'b', 'a', 'c']) {
      expect((await handles.read(name, 11, 100)).toString()).toBe(name);
    }
    expect(counts).toMatchObject({ opened: 3, open: 2 });
    await handles.read('a', 0, 1);
    expect(counts.opened).toBe(3); // b was the one not used for longest
    await handles.close();
    expect(counts.open).toBe(0);
  });

  it('are shared by reads at the same time, and closed after the last one', async () => {
    const { disk, counts } = countingDisk();
    const handles = new ReadHandles(disk);
    const reads = ['a', 'b', 'c', 'd', 'a', 'b'].map((name) => handles.read(name, 0, 12));
    await handles.close();
    expect((await Promise.all(reads)).map(String)).toEqual(
      ['a', 'b', 'c', 'd', 'a', 'b'].map((n) => `content of ${n}`),
    );
    expect(counts.open).toBe(0);
  });

  it('are not kept where they cannot be opened', async () => {
    const { disk, counts } = countingDisk();
    const handles = new ReadHandles(disk);
    await expect(handles.read('nowhere', 0, 1)).rejects.toThrow('ENOENT');
    disk.files.set('nowhere', Buffer.from('here now'));
    expect((await handles.read('nowhere', 0, 4)).toString()).toBe('here');
    await handles.close();
    expect(counts.open).toBe(0);
  });
});
