import { ServiceBusClient } from '@azure/service-bus';
import { DeadLetterQueue, type ServiceBusSettings } from '@app/service-bus';
import type { CommandsEnd } from './judge.js';

interface Mail {
  messageId: string;
  duplicates: number;
}

/** How many mails the mailbox has. */
export async function mailCount(mailboxUrl: string): Promise<number> {
  const response = await fetch(`${mailboxUrl}/health`);
  return ((await response.json()) as { messages: number }).messages;
}

/** Reads mailbox, queue and dead letters; besides, how many mails came more than once. */
export async function readEnd(
  mailboxUrl: string,
  settings: ServiceBusSettings,
): Promise<CommandsEnd & { again: number }> {
  const mails: { messageId: string; idempotencyKey: string | undefined }[] = [];
  let again = 0;
  for (let cursor = ''; ;) {
    const page = await get<{ items: Mail[]; nextCursor?: string }>(
      `${mailboxUrl}/messages?limit=200${cursor}`,
    );
    mails.push(...(await Promise.all(page.items.map(({ messageId }) => keyOfMail(mailboxUrl, messageId)))));
    again += page.items.filter(({ duplicates }) => duplicates > 0).length;
    if (page.nextCursor === undefined) break;
    cursor = `&cursor=${page.nextCursor}`;
  }
  return { mails, again, active: await activeIn(settings), deadLetters: await deadIn(settings) };
}

async function keyOfMail(url: string, messageId: string): Promise<CommandsEnd['mails'][number]> {
  const { raw } = await get<{ raw: string }>(`${url}/messages/${encodeURIComponent(messageId)}`);
  return { messageId, idempotencyKey: /^Idempotency-Key: *(\S+)/im.exec(raw)?.[1] };
}

export async function activeIn({ connectionString, queue }: ServiceBusSettings): Promise<string[]> {
  const client = new ServiceBusClient(connectionString);
  try {
    const left = await client.createReceiver(queue).peekMessages(250);
    return left.map(({ messageId }) => String(messageId));
  } finally {
    await client.close();
  }
}

export async function deadIn(settings: ServiceBusSettings): Promise<CommandsEnd['deadLetters']> {
  const deadLetters = new DeadLetterQueue(settings);
  const found: CommandsEnd['deadLetters'][number][] = [];
  for (let after: string | undefined; ;) {
    const page = await deadLetters.list({ after, limit: 200 });
    if (page.length === 0) return found;
    found.push(...page);
    after = page.at(-1)?.sequenceNumber;
  }
}

const get = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;
