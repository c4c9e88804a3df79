import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface SpawnOptions {
  args?: readonly string[];
  /** On top of this process's own environment. */
  env?: Readonly<Record<string, string>>;
  /** How long the program may take until it says that it is ready; 20 s unless told. */
  timeoutMs?: number;
}

export interface SpawnedProcess<R> {
  pid: number;
  /** What the program sent when it was ready. */
  ready: R;
  /** The last lines it printed, 200 at most. */
  output(): string[];
  /** Resolves when the process has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** SIGTERM; fails when the process does not end orderly within 10 s. */
  stop(): Promise<void>;
}

/**
 * Starts a built program and waits for its `process.send({ ready: true, … })`.
 *
 * It dies with the spec's process: the IPC channel closes then, and every program of ours ends on 'disconnect'.
 */
export async function spawnUntilReady<R extends { ready: true }>(
  script: string,
  { args = [], env = {}, timeoutMs = 40_000 }: SpawnOptions = {},
): Promise<SpawnedProcess<R>> {
  const child = fork(script, args, {
    env: { ...process.env, ...env },
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > 200) lines.shift();
      });
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));

  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const hanging = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await kill('SIGTERM');
    clearTimeout(hanging);
    if (child.exitCode !== 0) throw failure('did not end orderly on SIGTERM');
  };
  const failure = (what: string) => new Error(`${script} ${what}:\n${lines.slice(-30).join('\n')}`);

  const ready = new Promise<R>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(failure(`was not ready within ${timeoutMs} ms`));
    }, timeoutMs);
    child.on('message', (message: Partial<R>) => {
      if (message.ready) resolve(message as R);
    });
    child.once('error', reject);
    void exited.then(({ code, signal }) =>
      reject(failure(`ended with ${signal ?? code} before it was ready`)),
    );
    void exited.finally(() => clearTimeout(late));
    child.once('message', () => clearTimeout(late));
  });
  const message = await ready;
  return { pid: child.pid ?? -1, ready: message, output: () => [...lines], kill, stop };
}
