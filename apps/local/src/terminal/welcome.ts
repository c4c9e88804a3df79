import { relative } from 'node:path';
import { portVariableOf, services } from '../services.js';
import { type Settings, root } from '../settings.js';

/** What stands on the terminal when all is ready: where everything is, and something to paste. */
export function welcome({ dataDir, ports }: Settings, cwd: string): string {
  const rows = [
    ...services.map(({ name, about }) => [name, http(ports[portVariableOf(name)], '/docs'), about]),
    ['engine', `sb://127.0.0.1:${ports.BROKER_AMQP_PORT}`, 'Event Hubs, for any Azure SDK (AMQP)'],
    ['engine health', http(ports.BROKER_HTTP_PORT, '/health'), ''],
    [
      'mailbox',
      http(ports.MAILBOX_HTTP_PORT, '/messages'),
      `mail that was sent (SMTP on ${ports.MAILBOX_SMTP_PORT})`,
    ],
    ['PostgreSQL', `127.0.0.1:${ports.POSTGRES_PORT}`, 'one database a service'],
  ] as const;
  const place = relative(cwd, dataDir);
  const where = place.startsWith('..') ? dataDir : place;
  const isDefault = relative(root, dataDir) === '.data';
  const token = `$(${isDefault ? '' : `DATA_DIR='${dataDir}' `}npm run -s token)`;
  return [
    '',
    table(rows),
    '',
    `  Data lies in ${where}${isDefault ? ' (DATA_DIR sets another place)' : ''}. Ctrl-C ends everything; the next start goes on from here.`,
    '',
    '  In another terminal, in this folder: a customer, and where search finds her.',
    '',
    `curl -i -X PUT ${http(ports.PROFILE_PORT, '/v1/customers/by-account-number/DEMO-1')} \\`,
    `  -H "Authorization: Bearer ${token}" -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(demo)}'`,
    '',
    `curl -i "${http(ports.SEARCH_INDEXER_PORT, '/v1/search/customers?q=yanes')}" -H "Authorization: Bearer ${token}"`,
    '',
  ].join('\n');
}

const http = (port: number, path = '') => `http://127.0.0.1:${port}${path}`;

const demo = {
  givenName: 'Zoë',
  familyName: 'Yáñez',
  email: 'zoe@example.com',
  addresses: { home: { line1: '1 Harbour Street', city: 'Bergen', country: 'NO' } },
};

function table(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`.trimEnd())
    .join('\n');
}
