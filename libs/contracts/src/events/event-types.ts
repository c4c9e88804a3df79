/** Every fact the profile service records about a customer; the name is the CloudEvents `type`. */
export const eventTypes = [
  'CustomerAdded',
  'CustomerNameChanged',
  'ContactDetailsChanged',
  'CustomerDetailsChanged',
  'AddressChanged',
  'ConsentChanged',
  'PreferencesChanged',
  'CustomersMerged',
  'CustomersUnmerged',
  'CustomerErased',
] as const;

export type EventType = (typeof eventTypes)[number];

const known: ReadonlySet<string> = new Set(eventTypes);

export function isEventType(type: string): type is EventType {
  return known.has(type);
}

/** The CloudEvents `source` of these facts. */
export const profileSource = '/profile';
