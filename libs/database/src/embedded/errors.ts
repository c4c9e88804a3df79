export type EmbeddedPostgresErrorCode =
  | 'PLATFORM_NOT_SUPPORTED'
  | 'NO_UNPRIVILEGED_USER'
  | 'FOLDER_NOT_REACHABLE'
  | 'FOLDER_NOT_A_CLUSTER'
  | 'OTHER_MAJOR_VERSION'
  | 'PORT_TAKEN'
  | 'DISK_FULL'
  | 'START_FAILED';

/** Why the embedded PostgreSQL does not run. The message is one line for the person at the terminal. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Turns what PostgreSQL (or initdb) said before it gave up into one clear line. */
export function explainFailure(
  output: readonly string[],
  at: { dataDir: string; port: number },
): EmbeddedPostgresError {
  const text = output.join('\n');
  if (/No space left on device/.test(text))
    return new EmbeddedPostgresError('DISK_FULL', `PostgreSQL: the disk that holds ${at.dataDir} is full`);
  if (/Address already in use|could not bind|could not create any TCP\/IP sockets/.test(text))
    return new EmbeddedPostgresError(
      'PORT_TAKEN',
      `PostgreSQL: port ${at.port} is taken (POSTGRES_PORT sets another)`,
    );
  const reason =
    output.findLast((line) => /FATAL|PANIC|error:/.test(line)) ?? output.at(-1) ?? 'it said nothing';
  return new EmbeddedPostgresError(
    'START_FAILED',
    `PostgreSQL did not start on ${at.dataDir}: ${reason.trim()}`,
  );
}
