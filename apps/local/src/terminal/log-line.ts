export type Severity = 'info' | 'warn' | 'error';

export interface LogLine {
  severity: Severity;
  text: string;
  /** Lines that belong to it: a stack trace. */
  more: readonly string[];
}

const severities: Readonly<Record<string, Severity>> = { warn: 'warn', error: 'error', fatal: 'error' };

/**
 * Reads a line that a part printed. Our services write one JSON object a line, in the shape of Nest's ConsoleLogger
 * (`level`, `message`, `context`, `stack`); whatever else comes is passed on as it is.
 */
export function readLogLine(line: string): LogLine {
  const entry = parse(line);
  if (entry === undefined) return plain(line);
  const { level, message, context, stack } = entry;
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  const severity = severities[String(level)] ?? 'info';
  // Where it comes from helps when something is wrong; otherwise the message says it all.
  const from =
    severity !== 'info' && typeof context === 'string' && context !== 'Service' ? `[${context}] ` : '';
  return { severity, text: `${from}${text}`, more: typeof stack === 'string' ? stack.split('\n') : [] };
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    return 'message' in value ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** PostgreSQL's lines carry their severity in front. */
function plain(line: string): LogLine {
  const [, tag = ''] = /^(WARNING|ERROR|FATAL|PANIC): /.exec(line) ?? [];
  const severity = tag === '' ? 'info' : tag === 'WARNING' ? 'warn' : 'error';
  return {
    severity,
    text: line.replace(/^LOG: +/, '').replace(/^(starting PostgreSQL [\d.]+) on .*/, '$1'),
    more: [],
  };
}
