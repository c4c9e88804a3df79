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

/** Puts commands into the outbox, in order. @param runner of the transaction that asks for them; wake the relay after its commit */
export async function appendCommands(
  runner: StatementRunner,
  commands: readonly PendingCommand[],
): Promise<void> {
  if (commands.length === 0) return;
  await runner.query(
    `INSERT INTO command_outbox (message_id, name, subject, body, traceparent)
     SELECT message_id, name, subject, body, traceparent
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
            WITH ORDINALITY AS command (message_id, name, subject, body, traceparent, place)
      ORDER BY place
         ON CONFLICT (message_id) DO NOTHING`,
    [
      commands.map(({ messageId }) => messageId),
      commands.map(({ name }) => name),
      commands.map(({ subject }) => subject),
      commands.map(({ data }) => JSON.stringify(data)),
      commands.map(({ traceparent }) => traceparent ?? null),
    ],
  );
}

/** Takes back what has not been sent yet about an erased customer; a send under way is waited for. */
export async function withdrawCommands(runner: StatementRunner, subject: string): Promise<void> {
  await runner.query('DELETE FROM command_outbox WHERE subject = $1', [subject]);
}
