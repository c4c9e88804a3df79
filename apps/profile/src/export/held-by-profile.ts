import type { Customer } from '@app/contracts';
import type { EntityManager } from 'typeorm';
import { represented } from '../domain/representation.js';
import { type HistoryItem, historyItems } from '../history/history-items.js';
import { readHistory } from '../history/read-history.sql.js';
import { findMergedCustomers, findRefusedRows, type RefusedRow } from './held-by-profile.sql.js';

/** Of one list in an export. */
const mostItems = 5_000;

export interface Listed<T> {
  items: T[];
  /** There are more than an export tells. */
  more?: true;
}

export interface HeldByProfile {
  customer: Customer;
  history: Listed<HistoryItem>;
  /** Those who live on in the customer since they were merged into it, as they were then. */
  mergedDuplicates: { customer: Customer; mergedInto: string; history: Listed<HistoryItem> }[];
  /** What files of customers said that was refused, until it is erased or old. */
  refusedRows: Listed<RefusedRow>;
}

export async function heldByProfile(manager: EntityManager, customer: Customer): Promise<HeldByProfile> {
  const history = async (id: string): Promise<Listed<HistoryItem>> => {
    const rows = await readHistory(manager, id, { after: 0, limit: mostItems + 1 });
    return listed(await historyItems(manager, rows, { withValues: true }));
  };
  const merged = await findMergedCustomers(manager, customer.id);
  const mergedDuplicates: HeldByProfile['mergedDuplicates'] = [];
  for (const { customer: duplicate, mergedInto } of merged) {
    mergedDuplicates.push({
      customer: represented(duplicate),
      mergedInto,
      history: await history(duplicate.id),
    });
  }
  const accountNumbers = [customer, ...merged.map((one) => one.customer)].map((one) => one.accountNumber);
  return {
    customer: represented(customer),
    history: await history(customer.id),
    mergedDuplicates,
    refusedRows: listed(await findRefusedRows(manager, accountNumbers, mostItems + 1)),
  };
}

function listed<T>(found: T[]): Listed<T> {
  return { items: found.slice(0, mostItems), ...(found.length > mostItems ? { more: true } : {}) };
}
