import type { Customer, Lent, SealingKey } from '@app/contracts';
import { type PreparedStatement, queryPrepared } from '@app/database';
import type { EntityManager } from 'typeorm';
import { lentColumn, lentOf, type LentRow, lentTo } from '../merges/lent-values.sql.js';
import { customerColumns, customerOf, type CustomerRow } from './customer-row.js';

/** A customer with what its next events are sealed under. */
export interface KeyedCustomer {
  customer: Customer;
  key: SealingKey;
  /** Whose duplicate it is at the moment: nobody may write to it. */
  mergedInto?: string;
}

type KeyedRow = CustomerRow & { key: Buffer; merged_into: string | null };
type Lending = { lent: LentRow[] | null };

const byIds: PreparedStatement = {
  name: 'customers by id',
  text: `SELECT ${customerColumns} FROM customer c WHERE c.id = ANY ($1) AND c.merged_into IS NULL`,
};

const forChange = (column: 'id' | 'account_number'): PreparedStatement => ({
  name: `customer for change by ${column}`,
  text: `SELECT ${customerColumns}, c.merged_into, k.key, ${lentColumn}
           FROM customer c JOIN personal_data_key k ON k.customer_id = c.id
          WHERE c.${column} = $1`,
});
const forChangeById = forChange('id');
const forChangeByNumber = forChange('account_number');

export async function findCustomer(manager: EntityManager, id: string): Promise<Customer | undefined> {
  return (await findCustomers(manager, [id])).get(id);
}

/** By id; merged ones, as all others that are not there, are left out. @param ids in lower case */
export async function findCustomers(
  manager: EntityManager,
  ids: readonly string[],
): Promise<Map<string, Customer>> {
  const rows = await queryPrepared<CustomerRow>(manager, byIds, [ids]);
  return new Map(rows.map((row) => [row.id, customerOf(row)]));
}

export async function findForChange(
  manager: EntityManager,
  by: { id: string } | { accountNumber: string },
): Promise<KeyedCustomer | undefined> {
  const [row] =
    'id' in by
      ? await queryPrepared<KeyedRow & Lending>(manager, forChangeById, [by.id])
      : await queryPrepared<KeyedRow & Lending>(manager, forChangeByNumber, [by.accountNumber]);
  return row && keyedCustomer(row, lentOf(row.lent));
}

/** Locks the customers in a fixed order, so that two imports never wait for each other in a circle. */
export async function lockForChange(
  manager: EntityManager,
  accountNumbers: readonly string[],
): Promise<Map<string, KeyedCustomer>> {
  const locked = await select(manager, 'FOR UPDATE OF c', 'c.account_number = ANY ($1)', accountNumbers);
  return new Map(locked.map((keyed) => [keyed.customer.accountNumber, keyed]));
}

/** Those of the account numbers that somebody has, at a glance: nothing is locked. */
export async function knownNumbers(
  manager: EntityManager,
  accountNumbers: readonly string[],
): Promise<Set<string>> {
  const rows = await manager.query<{ account_number: string }[]>(
    'SELECT account_number FROM customer WHERE account_number = ANY ($1)',
    [accountNumbers],
  );
  return new Set(rows.map((row) => row.account_number));
}

/** The same, to look at only. */
export async function readForChange(
  manager: EntityManager,
  accountNumbers: readonly string[],
): Promise<Map<string, KeyedCustomer>> {
  const found = await select(manager, '', 'c.account_number = ANY ($1)', accountNumbers);
  return new Map(found.map((keyed) => [keyed.customer.accountNumber, keyed]));
}

/** The same by id, in the same order: whoever locks several customers does it here. */
export async function lockCustomers(
  manager: EntityManager,
  ids: readonly string[],
): Promise<Map<string, KeyedCustomer>> {
  const locked = await select(manager, 'FOR UPDATE OF c', 'c.id = ANY ($1)', ids);
  return new Map(locked.map((keyed) => [keyed.customer.id, keyed]));
}

/** Holds customers as they are, merged ones left out, until the transaction ends; other tables may still refer to them. */
export function holdCustomers(manager: EntityManager, ids: readonly string[]): Promise<KeyedCustomer[]> {
  return select(manager, 'FOR NO KEY UPDATE OF c', 'c.id = ANY ($1) AND c.merged_into IS NULL', ids);
}

async function select(
  manager: EntityManager,
  locking: 'FOR UPDATE OF c' | 'FOR NO KEY UPDATE OF c' | '',
  condition: string,
  values: readonly string[],
): Promise<KeyedCustomer[]> {
  const rows = await manager.query<KeyedRow[]>(
    `SELECT ${customerColumns}, c.merged_into, k.key
       FROM customer c JOIN personal_data_key k ON k.customer_id = c.id
      WHERE ${condition} AND k.key IS NOT NULL ORDER BY c.account_number ${locking}`,
    [values],
  );
  const ids = rows.map(({ id }) => id);
  const lent = ids.length === 0 ? new Map<string, []>() : await lentTo(manager, ids);
  return rows.map((row) => keyedCustomer(row, lent.get(row.id) ?? []));
}

function keyedCustomer(row: KeyedRow, lent: Lent[]): KeyedCustomer {
  const keyed = { customer: customerOf(row), key: { own: row.key, lent } };
  return row.merged_into === null ? keyed : { ...keyed, mergedInto: row.merged_into };
}

export interface CustomerFilter {
  accountNumber?: string | undefined;
  email?: string | undefined;
  updatedSince?: string | undefined;
  /** Ids greater than this one. */
  after?: string | undefined;
  limit: number;
}

/** Customers by id, ascending: new ones come at the end, so that a cursor never skips or repeats. */
export async function listCustomers(manager: EntityManager, filter: CustomerFilter): Promise<Customer[]> {
  const parameters: unknown[] = [filter.limit];
  const conditions = ['c.merged_into IS NULL'];
  const where = (value: unknown, condition: (parameter: string) => string): void => {
    if (value !== undefined) conditions.push(condition(`$${parameters.push(value)}`));
  };
  where(filter.accountNumber, (p) => `c.account_number = ${p}`);
  where(filter.email, (p) => `lower(c.email) = lower(${p})`);
  where(filter.updatedSince, (p) => `c.updated_at >= ${p}`);
  where(filter.after, (p) => `c.id > ${p}`);
  const rows: CustomerRow[] = await manager.query(
    `SELECT ${customerColumns} FROM customer c
     WHERE ${conditions.join(' AND ')} ORDER BY c.id LIMIT $1`,
    parameters,
  );
  return rows.map(customerOf);
}
