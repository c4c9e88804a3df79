import type { EntityManager } from 'typeorm';

/** Opens what is sealed in events' data, as a handler would see it; what does not open is handed back as it is. */
export type OpenAll = (events: readonly { type: string; data: unknown }[]) => Promise<unknown[]>;

/**
 * What a consumer's own tables hold about a customer, for an export: sections by name, as JSON. Bounded: a section that
 * could be longer ends with a note that there is more.
 */
export type PersonalDataOf = (
  manager: EntityManager,
  customerId: string,
  open: OpenAll,
) => Promise<Record<string, unknown>>;

/** The answer of `GET /admin/personal-data/{customerId}`. */
export interface HeldData {
  consumerGroup: string;
  held: Record<string, unknown>;
}
