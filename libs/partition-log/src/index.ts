export * from './errors.js';
export type * from './file-system/file-system.js';
export { NodeFileSystem } from './file-system/node-file-system.js';
export { FilePartitionLog, type FileLogOptions } from './file/file-partition-log.js';
export { readWhole, replaceFile } from './file/replace-file.js';
export { FolderLock } from './folder-lock.js';
export { MemoryPartitionLog } from './memory-partition-log.js';
export type * from './partition-log.js';
export type { Retention } from './retention.js';
