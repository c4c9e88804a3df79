/**
 * The few operations the log needs from a disk, so that a test can put a disk underneath that tears
 * writes, fails at the n-th call or loses what was not synced.
 */
export interface FileSystem {
  /** Opens for reading and writing: a file that is there, or one that is created empty where there is none. */
  open(path: string, mode: 'existing' | 'create'): Promise<File>;
  /** Names of the entries of a folder; empty where there is no folder. */
  list(folder: string): Promise<string[]>;
  /** Makes a folder and those above it, durably. */
  makeFolder(folder: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(folder: string): Promise<void>;
}

export interface File {
  /** Writes at a position; answers the bytes written, which may be fewer than given. */
  write(data: Uint8Array, position: number): Promise<number>;
  /** Reads at a position; answers the bytes read, fewer than asked for at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** Makes the content durable, and the size with it (fdatasync). */
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}
