export type LogErrorCode = 'LOG_CLOSED' | 'LOG_FAILED' | 'APPEND_REFUSED' | 'LOG_CORRUPT' | 'FOLDER_LOCKED';

/** Base of everything this library throws on purpose. */
export abstract class LogError extends Error {
  abstract readonly code: LogErrorCode;
  override get name(): string {
    return this.constructor.name;
  }
}

export class LogClosedError extends LogError {
  readonly code = 'LOG_CLOSED';
  constructor() {
    super('the log is closed');
  }
}

/** The log stopped acknowledging: what a failed sync left on disk is unknown, and a second sync would lie. */
export class LogFailedError extends LogError {
  readonly code = 'LOG_FAILED';
}

/** The records were not kept and their positions will be given to others; the log itself goes on. */
export class AppendRefusedError extends LogError {
  readonly code = 'APPEND_REFUSED';
}

/** Bytes on disk are not what was written. Never skipped: a gap would be a silent loss. */
export class CorruptLogError extends LogError {
  readonly code = 'LOG_CORRUPT';
  constructor(
    readonly file: string,
    readonly position: number,
    what: string,
  ) {
    super(`${file}: ${what} at byte ${position}`);
  }
}

export class FolderLockedError extends LogError {
  readonly code = 'FOLDER_LOCKED';
  constructor(folder: string) {
    super(`${folder} is in use by another engine`);
  }
}
