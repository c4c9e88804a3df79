export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

type Level = keyof Logger;

/** One line an entry, JSON where `format` says so; never a token, never a message's content. */
export function createLogger(format: string | undefined, out: (line: string) => void): Logger {
  const write =
    (level: Level) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      const time = new Date().toISOString();
      const line =
        format === 'json'
          ? JSON.stringify({ level, time, service: 'broker', message, ...fields })
          : `${time.slice(11, 23)} ${level === 'info' ? '' : `${level.toUpperCase()} `}${message}`;
      out(`${line}\n`);
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

export const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
