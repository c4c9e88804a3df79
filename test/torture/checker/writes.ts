import type { HistoryEntry, LogObservation, StoredCustomer } from './evidence.js';
import type { Findings } from './findings.js';

type Write = HistoryEntry & { token: string };
type Acknowledged = Write & { version: number };

const isWrite = (entry: HistoryEntry): entry is Write => entry.op !== 'read' && entry.token !== undefined;
const isAcknowledged = (entry: HistoryEntry): entry is Acknowledged =>
  isWrite(entry) && entry.phase === 'ok' && entry.version !== undefined;

/** Point 1: each acknowledged token is in the database at the version that was answered. */
export function checkAcknowledged(
  history: readonly HistoryEntry[],
  database: readonly StoredCustomer[],
  findings: Findings,
): void {
  const rows = new Map(database.map((row) => [row.customer, row]));
  const holders = new Map<string, string>();
  for (const { customer, token, version } of history.filter(isAcknowledged)) {
    const place = `${customer} v${version}`;
    const holder = holders.get(place);
    if (holder) findings.add('two-writes-one-version', `${place}: ${holder} and ${token}`);
    holders.set(place, token);
    const row = rows.get(customer);
    if (!row) findings.add('lost', `${place} (${token}): the customer is not there`);
    else if (row.version < version)
      findings.add('lost', `${place} (${token}): the row is at v${row.version}`);
    else if (row.version === version && !row.tokens.includes(token))
      findings.add('lost', `${place} (${token}): the row holds ${row.tokens.join(', ')}`);
  }
}

/** Point 2: whatever the platform holds was written, by a write that may have happened. */
export function checkPhantoms(
  history: readonly HistoryEntry[],
  database: readonly StoredCustomer[],
  log: readonly LogObservation[],
  findings: Findings,
): void {
  const outcomes = new Map<string, HistoryEntry['phase']>();
  for (const entry of history) if (isWrite(entry)) outcomes.set(entry.token, entry.phase);
  const held = new Map<string, string>();
  for (const row of database) for (const token of row.tokens) held.set(token, `the row of ${row.customer}`);
  for (const record of log)
    for (const token of record.tokens) held.set(token, `record ${record.partition}/${record.sequenceNumber}`);
  for (const [token, where] of held) {
    const outcome = outcomes.get(token);
    if (outcome === undefined) findings.add('phantom', `${token} in ${where}: nobody wrote it`);
    else if (outcome === 'fail') findings.add('phantom', `${token} in ${where}: its write was refused`);
  }
}

/** Point 3: a read sees at least what had been acknowledged before it began. */
export function checkReads(history: readonly HistoryEntry[], findings: Findings): void {
  const moments = history
    .filter(({ op, phase }) => phase === 'ok' || (op === 'read' && phase === 'invoke'))
    .map((entry) => ({ entry, at: BigInt(entry.monoNs) }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const acknowledged = new Map<string, number>();
  const due = new Map<string, number>();
  for (const { entry } of moments) {
    const { op, phase, proc, customer, version = 0 } = entry;
    // A process has one read of a customer at a time.
    const read = `${proc} ${customer}`;
    if (op === 'read' && phase === 'invoke') due.set(read, acknowledged.get(customer) ?? 0);
    else {
      const least = op === 'read' ? (due.get(read) ?? 0) : 0;
      if (version < least)
        findings.add('stale-read', `${customer}: ${proc} read v${version} after v${least} was acknowledged`);
      acknowledged.set(customer, Math.max(version, acknowledged.get(customer) ?? 0));
    }
  }
}
