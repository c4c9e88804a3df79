import type { OutboxRow } from '../sql/begin-batch.js';

/**
 * The rows by id, and within a customer by version: a customer's rows keep the places they have among the others', but
 * are put into them in order of their versions. Ids follow versions where rows are inserted under the customer's lock;
 * this holds the order should a writer take its ids earlier.
 */
export function inVersionOrder(rows: readonly OutboxRow[]): OutboxRow[] {
  const bySubject = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const same = bySubject.get(row.subject);
    if (same) same.push(row);
    else bySubject.set(row.subject, [row]);
  }
  for (const same of bySubject.values()) {
    if (same.length > 1) same.sort((a, b) => (a.customerversion ?? 0) - (b.customerversion ?? 0));
  }
  return rows.map((row) => bySubject.get(row.subject)?.shift() ?? row);
}
