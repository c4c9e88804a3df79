type Scope = 'customers:export' | 'personal-data:read' | 'events:read' | 'admin';

/** What the launcher and compose know about a service of ours. */
export interface ServiceEntry {
  name: string;
  /** Where it listens, unless the variable says otherwise that is called after it: `SEARCH_INDEXER_PORT`. */
  port: number;
  /** Whether it keeps something, in a database of its own, called after it, that nobody else opens. */
  keeps: boolean;
  /** What its OAuth client may do at the other services. */
  scopes: readonly Scope[];
  /** For the table of URLs. */
  about: string;
}

const consumer = ['personal-data:read', 'events:read', 'admin'] as const;

/** All of them, in the order in which they are told of; `npm run new:consumer` adds to it. */
export const services = [
  {
    name: 'profile',
    port: 3000,
    keeps: true,
    scopes: ['customers:export'],
    about: 'customers: the REST API',
  },
  {
    name: 'search-indexer',
    port: 3001,
    keeps: true,
    scopes: consumer,
    about: 'finds customers, typos and all',
  },
  {
    name: 'address-notifications',
    port: 3002,
    keeps: true,
    scopes: consumer,
    about: 'tells customers that their address changed',
  },
  {
    name: 'audit',
    port: 3003,
    keeps: true,
    scopes: consumer,
    about: 'every event, hash-chained',
  },
  {
    name: 'event-grid',
    port: 3004,
    keeps: true,
    scopes: consumer,
    about: 'pushes events to HTTP handlers',
  },
  {
    name: 'console',
    port: 8080,
    keeps: false,
    scopes: consumer,
    about: 'where each event got to',
  },
] as const satisfies readonly ServiceEntry[];

/** OAuth clients of this machine that are no services of ours: examples in other languages. */
export const guests: readonly Pick<ServiceEntry, 'name' | 'scopes'>[] = [
  { name: 'python-example', scopes: ['personal-data:read', 'events:read'] },
];

export type Service = (typeof services)[number];
export type ServiceName = Service['name'];

type Underscored<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}_${Underscored<Tail>}`
  : Name;
/** The variable that sets the port of a service. */
export type ServicePort = `${Uppercase<Underscored<ServiceName>>}_PORT`;

export const portVariableOf = (name: ServiceName): ServicePort =>
  `${name.toUpperCase().replaceAll('-', '_')}_PORT` as ServicePort;

/** The database of a service, and the role that owns it; undefined where it keeps nothing. */
export const databaseOf = ({ name, keeps }: ServiceEntry): string | undefined =>
  keeps ? name.replaceAll('-', '_') : undefined;

/** The services that read the stream and keep something of their own. */
export const consumers = services.filter(({ name, keeps }) => keeps && name !== 'profile');
