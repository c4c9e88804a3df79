import { isDeepStrictEqual } from 'node:util';
import { addressKinds, type Customer, type EventType, type MergeMembers } from '@app/contracts';

/** One thing that became true of a customer: an event before it is numbered, sealed and written. */
export interface Fact {
  type: EventType;
  /** Paths of the members that changed. */
  changed: string[];
  /** The whole customer after this fact. */
  current: Customer;
  /** The members that changed, as they were before. */
  previous: Partial<Customer>;
  /** Of a merge or its revert: who with whom. */
  members?: MergeMembers;
}

/** What a write may change: everything but identity, version and times, which follow from it. */
export type CustomerContent = Omit<Customer, 'id' | 'version' | 'createdAt' | 'updatedAt'>;

type Member = keyof CustomerContent;

/** Members that change together are one fact. An address is a fact of its own for each kind. */
const memberGroups: [EventType, Member[]][] = [
  ['CustomerNameChanged', ['title', 'givenName', 'familyName']],
  ['ContactDetailsChanged', ['email', 'phone']],
  ['CustomerDetailsChanged', ['birthDate']],
  ['PreferencesChanged', ['preferences']],
];

/**
 * The facts between a customer and its wished content, in the order they are recorded; versions go on from
 * `before.version` without a gap and the last fact's `current` has the wished content. No difference, no fact.
 */
export function factsBetween(before: Customer, wished: CustomerContent, at: string): Fact[] {
  const facts: Fact[] = [];
  let state = before;
  const record = (
    type: EventType,
    changed: string[],
    change: Partial<Customer>,
    previous: Partial<Customer>,
  ): void => {
    state = withoutAbsent({ ...state, ...change, version: state.version + 1, updatedAt: at });
    facts.push({ type, changed, current: state, previous: withoutAbsent(previous) });
  };

  for (const [type, members] of memberGroups) {
    const differing = members.filter((member) => !isDeepStrictEqual(before[member], wished[member]));
    if (differing.length > 0) record(type, differing, pick(wished, differing), pick(before, differing));
  }
  for (const kind of addressKinds) {
    const was = before.addresses[kind];
    const wanted = wished.addresses[kind];
    if (isDeepStrictEqual(was, wanted)) continue;
    const addresses = withoutAbsent({ ...state.addresses, [kind]: wanted });
    record(
      'AddressChanged',
      [`addresses.${kind}`],
      { addresses },
      { addresses: withoutAbsent({ [kind]: was }) },
    );
  }
  for (const purpose of new Set([...Object.keys(before.consents), ...Object.keys(wished.consents)])) {
    const was = own(before.consents, purpose);
    const wanted = own(wished.consents, purpose);
    if (isDeepStrictEqual(was, wanted)) continue;
    const consents = withoutAbsent({ ...state.consents, [purpose]: wanted }) as Customer['consents'];
    const previous = withoutAbsent({ [purpose]: was }) as Customer['consents'];
    record('ConsentChanged', [`consents.${purpose}`], { consents }, { consents: previous });
  }
  return facts;
}

/** The first fact of a customer, addresses and all. */
export function customerAdded(id: string, content: CustomerContent, at: string): Fact {
  const current = withoutAbsent({ id, version: 1, ...content, createdAt: at, updatedAt: at });
  const changed = Object.keys(withoutAbsent(content)).filter((member) => !isEmpty(content[member as Member]));
  return { type: 'CustomerAdded', changed, current, previous: {} };
}

/** Names are the organisation's own: `constructor` must not find what every object has. */
function own<V>(record: Record<string, V>, name: string): V | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function pick(customer: CustomerContent, members: Member[]): Partial<CustomerContent> {
  return Object.fromEntries(members.map((member) => [member, customer[member]]));
}

function withoutAbsent<T extends object>(value: T): T {
  const members = value as Record<string, unknown>;
  if (Object.values(members).every((member) => member !== undefined)) return { ...value };
  return Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined)) as T;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
