import type {
  AuditEntryEvidence,
  EffectEvidence,
  LogObservation,
  SearchDocumentEvidence,
  StoredCustomer,
} from './evidence.js';
import type { Findings } from './findings.js';

/** Point 6: one effect for each event that has one. */
export function checkEffects(
  { consumer, of, eventIds, inOrder = [] }: EffectEvidence,
  log: readonly LogObservation[],
  findings: Findings,
): void {
  const counts = new Map<string, number>();
  for (const id of eventIds) counts.set(id, (counts.get(id) ?? 0) + 1);
  const due = new Set(log.filter(({ type }) => !of || of.includes(type)).map(({ eventId }) => eventId));
  for (const id of due) if (!counts.has(id)) findings.add('effect-missing', `${consumer}: ${id}`);
  for (const [id, count] of counts) {
    if (count > 1) findings.add('effect-doubled', `${consumer}: ${id} ${count} times`);
    if (!due.has(id)) findings.add('effect-unknown', `${consumer}: ${id}`);
  }
  const latest = new Map<string, number>();
  for (const { subject, version } of inOrder) {
    const before = latest.get(subject) ?? 0;
    if (version < before)
      findings.add('effect-reordered', `${consumer}: ${subject} v${version} after v${before}`);
    latest.set(subject, Math.max(before, version));
  }
}

/** Point 6, search: what is found is what the database holds. */
export function checkSearch(
  search: readonly SearchDocumentEvidence[],
  database: readonly StoredCustomer[],
  findings: Findings,
): void {
  const documents = new Map(search.map((document) => [document.id, document]));
  for (const { id, customer, version, tokens } of database) {
    const document = documents.get(id);
    documents.delete(id);
    if (!document) findings.add('document-differs', `${customer}: not found`);
    else if (document.version !== version)
      findings.add('document-differs', `${customer}: v${document.version}, the row is at v${version}`);
    else if (document.tokens.join() !== tokens.join())
      findings.add('document-differs', `${customer}: ${document.tokens.join()} for ${tokens.join()}`);
  }
  for (const { id } of documents.values()) findings.add('document-differs', `${id}: the database has it not`);
}

/** Point 6, audit: one entry a version, in order. */
export function checkAuditEntries(
  entries: readonly AuditEntryEvidence[],
  database: readonly StoredCustomer[],
  findings: Findings,
): void {
  const versions = new Map<string, number[]>();
  for (const { subject, version } of entries) {
    // What administrators did about a customer is no version.
    if (version < 1) continue;
    const key = subject ?? '';
    const known = versions.get(key);
    if (known) known.push(version);
    else versions.set(key, [version]);
  }
  for (const { id, customer, version } of database) {
    const entered = versions.get(id) ?? [];
    const distinct = new Set(entered);
    for (let n = 1; n <= version; n++)
      if (!distinct.has(n)) findings.add('audit-missing', `${customer} v${n} of ${version}`);
    if (distinct.size < entered.length) findings.add('audit-doubled', `${customer}: ${entered.join()}`);
    if (entered.some((one, index) => one < (entered[index - 1] ?? 0)))
      findings.add('audit-reordered', `${customer}: ${entered.join()}`);
  }
}
