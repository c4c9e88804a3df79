import type { Customer } from '@app/contracts';
import { type PreparedStatement, queryPrepared } from '@app/database';
import type { EntityManager } from 'typeorm';
import { customerColumns, customerOf, type CustomerRow } from './customer-row.js';

/** A customer with the key its next events are sealed under. */
export interface KeyedCustomer {
  customer: Customer;
  key: Buffer;
}

type KeyedRow = CustomerRow & { key: Buffer };

const byId: PreparedStatement = {
  name: 'customer by id',
  text: `SELECT ${customerColumns} FROM customer c WHERE c.id = $1`,
};

const forChange = (column: 'id' | 'account_number'): PreparedStatement => ({
  name: `customer for change by ${column}`,
  text: `SELECT ${customerColumns}, k.key FROM customer c JOIN personal_data_key k ON k.customer_id = c.id
         WHERE c.${column} = $1`,
});
const forChangeById = forChange('id');
const forChangeByNumber = forChange('account_number');

export async function findCustomer(manager: EntityManager, id: string): Promise<Customer | undefined> {
  const [row] = await queryPrepared<CustomerRow>(manager, byId, [id]);
  return row && customerOf(row);
}

export async function findForChange(
  manager: EntityManager,
  by: { id: string } | { accountNumber: string },
): Promise<KeyedCustomer | undefined> {
  const [row] =
    'id' in by
      ? await queryPrepared<KeyedRow>(manager, forChangeById, [by.id])
      : await queryPrepared<KeyedRow>(manager, forChangeByNumber, [by.accountNumber]);
  return row && { customer: customerOf(row), key: row.key };
}

/** Locks the customers in a fixed order, so that two imports never wait for each other in a circle. */
export async function lockForChange(
  manager: EntityManager,
  accountNumbers: readonly string[],
): Promise<Map<string, KeyedCustomer>> {
  const rows: KeyedRow[] = await manager.query(
    `SELECT ${customerColumns}, k.key FROM customer c JOIN personal_data_key k ON k.customer_id = c.id
     WHERE c.account_number = ANY ($1) ORDER BY c.account_number FOR UPDATE OF c`,
    [accountNumbers],
  );
  return new Map(rows.map((row) => [row.account_number, { customer: customerOf(row), key: row.key }]));
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
  const conditions: string[] = [];
  const where = (value: unknown, condition: (parameter: string) => string): void => {
    if (value !== undefined) conditions.push(condition(`$${parameters.push(value)}`));
  };
  where(filter.accountNumber, (p) => `c.account_number = ${p}`);
  where(filter.email, (p) => `lower(c.email) = lower(${p})`);
  where(filter.updatedSince, (p) => `c.updated_at >= ${p}`);
  where(filter.after, (p) => `c.id > ${p}`);
  const rows: CustomerRow[] = await manager.query(
    `SELECT ${customerColumns} FROM customer c
     ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY c.id LIMIT $1`,
    parameters,
  );
  return rows.map(customerOf);
}
