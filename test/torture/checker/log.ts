import type { HistoryEntry, LogObservation, StoredCustomer } from './evidence.js';
import type { Findings } from './findings.js';

/** Point 4, the log itself: a place has one content for ever, a customer one partition, versions their order. */
export function checkLog(log: readonly LogObservation[], findings: Findings): void {
  checkPlaces(log, findings);
  checkPartitions(log, findings);
  for (const observer of new Set(log.map((record) => record.observer)))
    checkOrder(
      log.filter((record) => record.observer === observer),
      findings,
    );
}

/** Sequence number and offset both name the place: neither may be given twice. */
function checkPlaces(log: readonly LogObservation[], findings: Findings): void {
  const contents = new Map<string, string>();
  for (const { partition, sequenceNumber, offset, crc, eventId } of log) {
    const content = `${sequenceNumber} ${offset} ${crc} ${eventId}`;
    for (const place of [`${partition} sequence number ${sequenceNumber}`, `${partition} offset ${offset}`]) {
      const known = contents.get(place) ?? content;
      contents.set(place, known);
      if (known !== content) findings.add('offset-reused', `${place}: "${known}" and "${content}"`);
    }
  }
}

function checkPartitions(log: readonly LogObservation[], findings: Findings): void {
  const homes = new Map<string, string>();
  for (const { subject, partition } of log) {
    const home = homes.get(subject) ?? partition;
    homes.set(subject, home);
    if (home !== partition) findings.add('two-partitions', `${subject}: ${home} and ${partition}`);
  }
}

/** Records come again when the relay died before it could note them: only a version's first one has an order. */
function checkOrder(seen: readonly LogObservation[], findings: Findings): void {
  const latest = new Map<string, number>();
  const known = new Set<string>();
  const inOrder = seen.toSorted(
    (a, b) => a.partition.localeCompare(b.partition) || a.sequenceNumber - b.sequenceNumber,
  );
  for (const { subject, version, partition, sequenceNumber } of inOrder) {
    const name = `${subject} v${version}`;
    // What administrators did about a customer has no version, and no place in their order.
    if (known.has(name) || Number.isNaN(version)) continue;
    known.add(name);
    const before = latest.get(subject) ?? 0;
    if (version < before)
      findings.add('reordered', `${name} at ${partition}/${sequenceNumber} after v${before}`);
    latest.set(subject, Math.max(before, version));
  }
}

/** Point 4, against the database: versions 1 to n have a record each, and it holds what was acknowledged. */
export function checkRecords(
  history: readonly HistoryEntry[],
  database: readonly StoredCustomer[],
  log: readonly LogObservation[],
  findings: Findings,
): void {
  const records = new Map(log.map((record) => [`${record.subject} v${record.version}`, record]));
  const ids = new Map(database.map((row) => [row.customer, row.id]));
  for (const { id, version, customer } of database)
    for (let n = 1; n <= version; n++)
      if (!records.has(`${id} v${n}`)) findings.add('record-missing', `${customer} v${n} of ${version}`);
  for (const { op, phase, customer, token, version } of history) {
    if (op === 'read' || phase !== 'ok' || token === undefined) continue;
    const record = records.get(`${ids.get(customer)} v${version}`);
    if (record && !record.tokens.includes(token))
      findings.add(
        'record-differs',
        `${customer} v${version}: ${token} was acknowledged, ${record.tokens.join(', ')} sent`,
      );
  }
}
