import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';
import type { MailStore } from './mail-store.js';
import { type Mail, decodeWords, headersOf, messageIdOf } from './mail.js';

type DataCallback = Parameters<NonNullable<SMTPServerOptions['onData']>>[2];

const largestMail = 1024 * 1024;

/** An SMTP server (RFC 5321) that takes mail for anybody, without TLS or a password: for one machine only. */
export function smtpServer(store: MailStore): SMTPServer {
  return new SMTPServer({
    banner: 'customer-profile local mailbox',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: largestMail,
    maxClients: 100,
    socketTimeout: 60_000,
    closeTimeout: 1_000,
    onData: (stream, session, callback) => void respond(take(store, stream, session), callback),
  });
}

async function respond(taking: Promise<string>, callback: DataCallback): Promise<void> {
  let answer: string;
  try {
    answer = await taking;
  } catch (error) {
    return callback(refusal(error as Error));
  }
  callback(null, answer);
}

async function take(
  store: MailStore,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<string> {
  const source = await buffer(stream);
  if (stream.sizeExceeded) throw Object.assign(new Error('the mail is too large'), { responseCode: 552 });
  const mail = mailFrom(source.toString('utf8'), session);
  const outcome = await store.add(mail);
  return `${outcome} ${mail.messageId}`;
}

function mailFrom(raw: string, { envelope }: SMTPServerSession): Mail {
  const headers = headersOf(raw);
  return {
    messageId: messageIdOf(headers) ?? `${randomUUID()}@mailbox.local`,
    from: envelope.mailFrom ? envelope.mailFrom.address : '',
    to: envelope.rcptTo.map(({ address }) => address.toLowerCase()),
    subject: decodeWords(headers.get('subject') ?? ''),
    receivedAt: new Date().toISOString(),
    raw,
  };
}

/** 452 asks the sender to try again later (RFC 5321 §4.2.3); without a code of its own an error is 451 here. */
function refusal(error: Error & { code?: string; responseCode?: number }): Error {
  const responseCode = error.responseCode ?? (error.code === 'MAILBOX_FULL' ? 452 : 451);
  return Object.assign(new Error(error.message, { cause: error }), { responseCode });
}
