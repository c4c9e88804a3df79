import { checkAgainstCalm } from './calm.js';
import { checkChain } from './chain.js';
import { checkConsumption } from './consumption.js';
import { checkAuditEntries, checkEffects, checkSearch } from './effects.js';
import type { Evidence } from './evidence.js';
import { type Finding, Findings } from './findings.js';
import { checkLog, checkRecords } from './log.js';
import { checkAcknowledged, checkPhantoms, checkReads } from './writes.js';

/** Judges a run by everything there is. An empty answer is a good run. */
export function check({
  history,
  database,
  log = [],
  groups = [],
  effects = [],
  search,
  calm,
  audit,
}: Evidence): Finding[] {
  const findings = new Findings();
  if (history) checkReads(history, findings);
  if (history && database) {
    checkAcknowledged(history, database, findings);
    checkPhantoms(history, database, log, findings);
  }
  checkLog(log, findings);
  if (database && log.length > 0) checkRecords(history ?? [], database, log, findings);
  for (const group of groups) checkConsumption(group, log, findings);
  for (const one of effects) checkEffects(one, log, findings);
  if (calm) checkAgainstCalm(calm, log, findings);
  if (search && database) checkSearch(search, database, findings);
  if (audit) {
    if (database) checkAuditEntries(audit.entries, database, findings);
    checkChain(audit, findings);
  }
  return findings.all;
}
