import type { StatementRunner } from '@app/event-hubs';
import type { OutgoingCommand } from '@app/service-bus';

export interface CommandRow extends OutgoingCommand {
  id: string;
}

interface Row {
  id: string;
  message_id: string;
  name: string;
  subject: string;
  body: string;
  traceparent: string | null;
}

/** Locks the oldest until the transaction ends; another relay passes them over. */
export async function claimCommands(runner: StatementRunner, most: number): Promise<CommandRow[]> {
  const rows = (await runner.query(
    `SELECT id, message_id, name, subject, body, traceparent FROM command_outbox
      WHERE rejected IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [most],
  )) as Row[];
  return rows.map(commandIn);
}

const commandIn = (row: Row): CommandRow => ({
  id: row.id,
  messageId: row.message_id,
  name: row.name,
  body: row.body,
  correlationId: row.subject,
  ...(row.traceparent !== null && { traceparent: row.traceparent }),
});

export async function deleteCommands(runner: StatementRunner, ids: readonly string[]): Promise<void> {
  await runner.query('DELETE FROM command_outbox WHERE id = ANY($1::bigint[])', [ids]);
}

export async function rejectCommand(runner: StatementRunner, id: string, reason: string): Promise<void> {
  await runner.query('UPDATE command_outbox SET rejected = $2 WHERE id = $1', [id, reason]);
}

/** How many wait, and how many no message can carry. */
export async function commandBacklog(
  runner: StatementRunner,
): Promise<{ pending: number; rejected: number }> {
  const [row] = (await runner.query(
    'SELECT count(*) FILTER (WHERE rejected IS NULL) AS pending, count(rejected) AS rejected FROM command_outbox',
    [],
  )) as { pending: string; rejected: string }[];
  return { pending: Number(row?.pending ?? 0), rejected: Number(row?.rejected ?? 0) };
}
