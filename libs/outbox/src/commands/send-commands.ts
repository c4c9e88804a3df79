import { type CommandSender, CommandTooLargeError } from '@app/service-bus';
import type { DataSource } from 'typeorm';
import { claimCommands, deleteCommands, rejectCommand } from './sql/commands.js';

export interface SentCommands {
  claimed: number;
  sent: number;
  /** What stands in the way of the rest. */
  trouble?: unknown;
}

/**
 * Sends the oldest commands and deletes those that the queue has acknowledged, in one transaction. A process that dies in
 * between leaves them: they are sent again under the same message ids, by which the queue knows them.
 */
export async function sendCommands(
  dataSource: DataSource,
  sender: Pick<CommandSender, 'send'>,
  most: number,
): Promise<SentCommands> {
  return dataSource.transaction(async (manager) => {
    const claimed = await claimCommands(manager, most);
    let done = 0;
    let sent = 0;
    const outcome = (trouble?: unknown): SentCommands => ({
      claimed: claimed.length,
      sent,
      ...(trouble !== undefined && { trouble }),
    });
    const keep = () =>
      deleteCommands(
        manager,
        claimed.slice(0, done).map(({ id }) => id),
      );
    while (done < claimed.length) {
      try {
        const taken = await sender.send(claimed.slice(done));
        done += taken;
        sent += taken;
      } catch (error) {
        const first = claimed[done];
        await keep();
        if (!(error instanceof CommandTooLargeError) || !first) return outcome(error);
        await rejectCommand(manager, first.id, error.message);
        return outcome();
      }
    }
    if (done > 0) await keep();
    return outcome();
  });
}
