import { type Customer, newPersonalDataKey } from '@app/contracts';
import type { EntityManager } from 'typeorm';
import { type KeyedCustomer, readForChange } from '../customers/read-customers.sql.js';

/** Customers as the dry run has left them so far, else as they are; nothing is locked. Their keys are made up. */
export async function draftsFor(
  manager: EntityManager,
  importId: string,
  accountNumbers: readonly string[],
): Promise<Map<string, KeyedCustomer>> {
  const found = await readForChange(manager, accountNumbers);
  const drafts = await manager.query<{ customer: Customer }[]>(
    'SELECT customer FROM import_draft WHERE import_id = $1 AND account_number = ANY ($2)',
    [importId, accountNumbers],
  );
  for (const { customer } of drafts)
    found.set(customer.accountNumber, { customer, key: { own: newPersonalDataKey(), lent: [] } });
  return found;
}

export async function keepDrafts(
  manager: EntityManager,
  importId: string,
  drafts: readonly { customer: Customer }[],
): Promise<void> {
  await manager.query(
    `INSERT INTO import_draft (import_id, account_number, customer)
     SELECT $1, * FROM unnest($2::text[], $3::jsonb[])
     ON CONFLICT (import_id, account_number) DO UPDATE SET customer = excluded.customer`,
    [
      importId,
      drafts.map(({ customer }) => customer.accountNumber),
      drafts.map(({ customer }) => JSON.stringify(customer)),
    ],
  );
}
