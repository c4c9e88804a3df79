import { eventually } from '@app/testing';
import type { Client } from 'pg';
import { auditEntriesSql } from '../checker/audit-entries.sql.js';
import type {
  AuditEntryEvidence,
  ChainHeadEvidence,
  EffectEvidence,
  Evidence,
  SearchDocumentEvidence,
  StoredCustomer,
} from '../checker/evidence.js';
import { readGroup, type Rows } from '../checker/read-group.js';
import { rowsOf } from './rows.js';
import { type Keys, LogObserver, type TokenHolder, tokensOf } from './log-observer.js';
import type { Observed } from './settled.js';
import type { ServiceName } from './torture-platform.js';

/** The types each group takes; the audit takes all. */
const wantedBy: Partial<Record<ServiceName, readonly string[]>> = {
  'search-indexer': ['CustomerAdded', 'CustomerNameChanged', 'ContactDetailsChanged', 'AddressChanged'],
  'address-notifications': ['AddressChanged'],
};

/** Everything the platform holds, read from its databases and from the hub: nothing is asked of its services. */
export async function readTruth(platform: Observed): Promise<Omit<Evidence, 'history'>> {
  const profile = await platform.sql('profile');
  const { database, keys } = await readProfile(profile);
  const log = await readLog(
    platform,
    keys,
    database.reduce((sum, { version }) => sum + version, 0),
  );
  const searchRows = rowsOf(await platform.sql('search-indexer'));
  const auditRows = rowsOf(await platform.sql('audit'));
  const notificationRows = rowsOf(await platform.sql('address-notifications'));
  const entries = await auditRows<AuditEntryEvidence>(`${auditEntriesSql} ORDER BY partition_id, position`);
  const notices = await notificationRows<{ id: string }>('SELECT event_id AS id FROM notification');
  const effects: EffectEvidence[] = [
    { consumer: 'audit', eventIds: entries.map(({ eventId }) => eventId) },
    { consumer: 'address-notifications', of: ['AddressChanged'], eventIds: notices.map(({ id }) => id) },
  ];
  return {
    database,
    log,
    effects,
    groups: [
      await readGroup(searchRows, 'search-indexer', wantedBy['search-indexer']),
      await readGroup(auditRows, 'audit'),
      await readGroup(notificationRows, 'address-notifications', wantedBy['address-notifications']),
    ],
    search: await readSearch(searchRows),
    audit: { entries, heads: [] },
  };
}

async function readProfile(client: Client): Promise<{ database: StoredCustomer[]; keys: Keys }> {
  const { rows } = await client.query<{
    customer: string;
    id: string;
    version: number;
    familyName: string;
    addresses: TokenHolder['addresses'];
    key: Buffer;
  }>(
    `SELECT c.account_number AS customer, c.id, c.version, c.family_name AS "familyName", c.addresses, k.key
       FROM customer c JOIN personal_data_key k ON k.customer_id = c.id`,
  );
  const database = rows.map(({ customer, id, version, ...row }) => ({
    customer,
    id,
    version,
    tokens: tokensOf(row),
  }));
  return { database, keys: new Map(rows.map(({ id, key }) => [id, key])) };
}

/** A reader of its own, from the start, until it has come as far as the database says there is to read. */
async function readLog(platform: Observed, keys: Keys, versions: number) {
  const observer = new LogObserver('reader at the end', platform.connectionString, keys);
  // Besides profile's own events, the hub may hold what administrators did, and what a test has put there.
  const distinct = () => {
    const own = observer.seen.filter(({ subject, version }) => keys.has(subject) && version > 0);
    return new Set(own.map(({ eventId }) => eventId)).size;
  };
  // Where records are missing, waiting does not bring them: the checker says which.
  await eventually(() => distinct() >= versions, { timeoutMs: 30_000, intervalMs: 250 }).catch(
    () => undefined,
  );
  await observer.close();
  return observer.seen;
}

async function readSearch(rows: Rows): Promise<SearchDocumentEvidence[]> {
  const found = await rows<{ id: string; version: number; found: string }>(
    'SELECT id, version, found FROM search_customer WHERE found IS NOT NULL',
  );
  return found.map(({ id, version, found }) => ({
    id,
    version,
    tokens: tokensOf(JSON.parse(found) as TokenHolder),
  }));
}

/** Where the audit's chains end now: to be kept, and held against what is there later. */
export async function readHeads(client: Client): Promise<ChainHeadEvidence[]> {
  return rowsOf(client)<ChainHeadEvidence>(
    `SELECT partition_id AS "partition", position::float8 AS "position", encode(hash, 'hex') AS hash FROM audit_chain`,
  );
}
