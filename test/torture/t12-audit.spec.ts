import { AuditModule } from '../../apps/audit/src/audit.module.js';
import { check } from './checker/check.js';
import type { AuditEntryEvidence } from './checker/evidence.js';
import { auditEntriesSql } from './checker/audit-entries.sql.js';
import { describeFold } from './handlers/describe-fold.js';

describeFold({
  name: 'audit',
  module: AuditModule,
  judge: async ({ database }, { stories, log }, partition) => {
    const entries = await database.query<AuditEntryEvidence[]>(
      `${auditEntriesSql} WHERE partition_id = $1
      ORDER BY position`,
      [partition],
    );
    const inOrder = [...new Set(log.map(({ properties }) => properties?.['cloudEvents_id']))];
    const customers = stories.map(({ id, events }) => ({
      customer: id,
      id,
      version: events.length,
      tokens: [],
    }));
    return {
      found: {
        inOrder: entries.map(({ eventId }) => eventId),
        findings: check({ database: customers, audit: { entries, heads: [] } }),
      },
      expected: { inOrder, findings: [] },
    };
  },
});
