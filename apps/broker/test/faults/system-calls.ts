import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** What the engine asks the kernel for around its data. `write` takes acknowledgements to the socket. */
export const calls = [
  'fdatasync',
  'pwrite64',
  'fsync',
  'rename',
  'ftruncate',
  'openat',
  'write',
  'unlink',
] as const;
export type Call = (typeof calls)[number];

/** @throws Error that says what is missing */
export function assertStrace(): void {
  const { status, stderr, error } = spawnSync('strace', ['-f', '-qq', '-e', 'trace=none', 'true'], {
    encoding: 'utf8',
  });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim();
  throw new Error(
    `strace cannot be used here (${why}): install it, and allow ptrace (a container needs --cap-add SYS_PTRACE)`,
  );
}

/**
 * Runs a program under strace, which kills it at the n-th call of a kind that one of its threads makes; the call
 * itself does not take place. Without `kill` it only counts. The program must run with UV_THREADPOOL_SIZE=1,
 * so that all its file operations are one thread's.
 */
export function strace(traceFile: string, call: Call | 'all', nth?: number): string[] {
  const traced = call === 'all' ? calls.join(',') : call;
  const inject = nth === undefined ? [] : ['-e', `inject=${traced}:signal=KILL:when=${nth}`];
  return ['strace', '-f', '-qq', '-y', '-o', traceFile, '-e', `trace=${traced}`, ...inject];
}

interface Line {
  readonly thread: string;
  readonly call: string;
  readonly text: string;
}

async function linesOf(traceFile: string): Promise<Line[]> {
  const lines: Line[] = [];
  for (const text of (await readFile(traceFile, 'utf8')).split('\n')) {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(text) ?? [];
    if (thread !== undefined && call !== undefined) lines.push({ thread, call, text });
  }
  return lines;
}

/** How often the busiest thread made each call. */
export async function countCalls(traceFile: string): Promise<Record<Call, number>> {
  const lines = await linesOf(traceFile);
  const most = (call: Call) => {
    const byThread = new Map<string, number>();
    for (const line of lines)
      if (line.call === call) byThread.set(line.thread, (byThread.get(line.thread) ?? 0) + 1);
    return Math.max(0, ...byThread.values());
  };
  return Object.fromEntries(calls.map((call) => [call, most(call)])) as Record<Call, number>;
}

/** What a process that strace has killed was about to touch, told by the last call. */
export async function lastTouched(traceFile: string): Promise<string> {
  const text = (await linesOf(traceFile)).at(-1)?.text ?? '';
  if (/\.tmp/.test(text))
    return /checkpoint/.test(text) ? 'checkpoint' : /index/.test(text) ? 'index' : 'hub file';
  if (/\.log/.test(text)) return 'segment';
  if (/\.index|checkpoint|hub\.json/.test(text)) return 'small file read';
  if (/eventhubs/.test(text)) return 'folder';
  if (/TCP|socket/.test(text)) return 'socket';
  return 'other';
}
