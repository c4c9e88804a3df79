/** What the platform itself is made of: neither scaffolded nor taken away. */
export const platformParts: readonly string[] = [
  'address-notifications',
  'audit',
  'broker',
  'console',
  'databases',
  'event-grid',
  'local',
  'mailbox',
  'postgres',
  'profile',
  'search-indexer',
  'secrets',
];
