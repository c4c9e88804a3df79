/** Audit entries as `AuditEntryEvidence`, by any client of PostgreSQL; a WHERE and an ORDER BY may follow. */
export const auditEntriesSql = `
  SELECT partition_id AS "partition", position::float8 AS "position", event_id AS "eventId", source, type, subject,
         coalesce((headers::json ->> 'cloudEvents_customerversion')::int, 0) AS "version", headers, body,
         sequence_number::float8 AS "sequenceNumber", enqueued_at::float8 AS "enqueuedAt",
         recorded_at::float8 AS "recordedAt", encode(previous_hash, 'hex') AS "previousHash",
         encode(hash, 'hex') AS "hash"
    FROM audit_entry`;
