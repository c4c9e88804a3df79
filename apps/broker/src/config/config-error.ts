/** Something the operator has to put right; its message is one line that says what and where. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG';
}
