import type { StatementRunner } from '@app/event-hubs';

/** A command to be sent once the transaction that asks for it has been committed. */
export interface PendingCommand {
  /** One command an id: asked for again before it is sent, it is the same one. */
  messageId: string;
  name: string;
  /** Whom it is about, by id. */
  subject: string;
  /** What `@Payload()` will be. Personal data in it is sealed: the queue keeps it. */
  data: unknown;
  traceparent?: string | undefined;
}

/** Puts a command into the outbox. @param runner of the transaction that asks for it; wake the relay after its commit */
export async function appendCommand(runner: StatementRunner, command: PendingCommand): Promise<void> {
  const { messageId, name, subject, data, traceparent } = command;
  await runner.query(
    `INSERT INTO command_outbox (message_id, name, subject, body, traceparent) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (message_id) DO NOTHING`,
    [messageId, name, subject, JSON.stringify(data), traceparent ?? null],
  );
}

/** Takes back what has not been sent yet about an erased customer; a send under way is waited for. */
export async function withdrawCommands(runner: StatementRunner, subject: string): Promise<void> {
  await runner.query('DELETE FROM command_outbox WHERE subject = $1', [subject]);
}
