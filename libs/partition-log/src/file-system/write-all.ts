import type { File } from './file-system.js';

/** Writes every byte: a short write (Node answers one before ENOSPC) is followed by the rest. */
export async function writeAll(file: File, data: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < data.byteLength;) {
    const written = await file.write(done === 0 ? data : data.subarray(done), position + done);
    if (written <= 0) throw new Error('the disk took no more bytes');
    done += written;
  }
}

/** Reads until the target is full or the file ends; answers the bytes read. */
export async function readAll(file: File, target: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < target.byteLength) {
    const read = await file.read(done === 0 ? target : target.subarray(done), position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}
