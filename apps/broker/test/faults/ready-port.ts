import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';

export const isDead = ({ signalCode, exitCode }: ChildProcess): boolean =>
  signalCode !== null || exitCode !== null;

/**
 * The port of a broker that is ready, or undefined once it has been killed.
 * @throws Error it ended by itself
 */
export async function readyPort(broker: ChildProcess): Promise<number | undefined> {
  let said = '';
  for (const stream of [broker.stdout, broker.stderr])
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ready = once(broker, 'message').then(([message]) => (message as { amqpPort: number }).amqpPort);
  const ended = once(broker, 'exit').then(([code, signal]) => {
    if (signal !== 'SIGKILL') throw new Error(`the engine ended with ${code ?? signal}: ${said}`);
    return undefined;
  });
  ended.catch(() => undefined);
  return Promise.race([ready, ended]);
}
