import type { PortVariable } from './settings.js';

type Scope = 'customers:export' | 'personal-data:read' | 'events:read' | 'admin';

/** What the launcher and compose know about a service of ours. */
export interface ServiceEntry {
  name: string;
  port: PortVariable;
  /** Its own database, which nobody else opens; the console has none. */
  database?: string;
  /** What its OAuth client may do at the other services. */
  scopes: readonly Scope[];
  /** For the table of URLs. */
  about: string;
}

const consumer: readonly Scope[] = ['personal-data:read', 'events:read', 'admin'];

export const services: readonly ServiceEntry[] = [
  {
    name: 'profile',
    port: 'PROFILE_PORT',
    database: 'profile',
    scopes: ['customers:export'],
    about: 'customers: the REST API',
  },
  {
    name: 'search-indexer',
    port: 'SEARCH_INDEXER_PORT',
    database: 'search_indexer',
    scopes: consumer,
    about: 'finds customers, typos and all',
  },
  {
    name: 'address-notifications',
    port: 'ADDRESS_NOTIFICATIONS_PORT',
    database: 'address_notifications',
    scopes: consumer,
    about: 'tells customers that their address changed',
  },
  {
    name: 'audit',
    port: 'AUDIT_PORT',
    database: 'audit',
    scopes: consumer,
    about: 'every event, hash-chained',
  },
  {
    name: 'console',
    port: 'CONSOLE_PORT',
    scopes: ['personal-data:read', 'events:read', 'admin'],
    about: 'where each event got to',
  },
];

/** The services that read the stream and keep something of their own. */
export const consumers = services.filter(
  ({ name, database }) => database !== undefined && name !== 'profile',
);
