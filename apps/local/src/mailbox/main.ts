import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mailboxHttp } from './http.js';
import { MailStore } from './mail-store.js';
import { smtpServer } from './smtp.js';

/**
 * The mailbox: an SMTP server that keeps what it is sent and shows it over HTTP, so that nobody needs a real one to
 * see the platform's mail. MAILBOX_DIR, MAILBOX_SMTP_PORT (1025), MAILBOX_HTTP_PORT (8025), HOST (127.0.0.1).
 */
const {
  HOST = '127.0.0.1',
  MAILBOX_DIR = '.data/mailbox',
  MAILBOX_SMTP_PORT = '1025',
  MAILBOX_HTTP_PORT = '8025',
} = process.env;

const store = await MailStore.open(MAILBOX_DIR);
const smtp = smtpServer(store);
const http = mailboxHttp(store);
// A connection that breaks off is the client's affair; smtp-server reports it here all the same.
smtp.on('error', (error) => {
  if ('syscall' in error && error.syscall === 'listen') fail(error);
  else console.error(`smtp: ${error.message}`);
});
http.on('error', fail);
let ending: Promise<void> | undefined;
for (const reason of ['SIGTERM', 'SIGINT', 'disconnect'] as const)
  process.on(reason, () => void (ending ??= end()));

smtp.listen(Number(MAILBOX_SMTP_PORT), HOST);
http.listen(Number(MAILBOX_HTTP_PORT), HOST);
await Promise.all([once(smtp.server, 'listening'), once(http, 'listening')]);
const [smtpPort, port] = [smtp.server, http].map((server) => (server.address() as AddressInfo).port);
console.log(
  JSON.stringify({ level: 'log', message: `ready: SMTP on port ${smtpPort}, HTTP on port ${port}` }),
);
process.send?.({ ready: true, port, smtpPort });

async function end(): Promise<void> {
  http.close();
  http.closeAllConnections();
  await new Promise<void>((resolve) => smtp.close(resolve));
  await store.close();
  process.exit(0);
}

function fail(error: Error): void {
  const taken =
    'code' in error && error.code === 'EADDRINUSE' ? ' (MAILBOX_SMTP_PORT, MAILBOX_HTTP_PORT)' : '';
  console.error(`${error.message}${taken}`);
  process.exit(1);
}
