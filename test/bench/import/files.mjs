import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MadeCustomers } from '../search/customers.mjs';

const rowsAtOnce = 1_000;
const lineFeed = 10;

/** A file of so many made customers; never more than a thousand of them are in memory. */
export async function madeFile(/** @type {string} */ folder, /** @type {number} */ count) {
  const file = path.join(folder, 'customers.csv');
  await pipeline(Readable.from(pieces(count)), createWriteStream(file));
  return file;
}

function* pieces(count) {
  const made = new MadeCustomers(Number(process.env.SEED ?? 1));
  yield 'account_number,first_name,last_name,email,phone,address_line1,city,postal_code,country\n';
  for (let from = 0; from < count; from += rowsAtOnce) {
    let rows = '';
    for (let n = from; n < Math.min(from + rowsAtOnce, count); n++) rows += rowOf(made.customer(n));
    yield rows;
  }
}

function rowOf({ accountNumber, givenName, familyName, email, phone, addresses: { home } }) {
  const { line1, city, postalCode, country } = home;
  const cells = [accountNumber, givenName, familyName, email, phone, line1, city, postalCode, country];
  return `${cells.map((cell) => (cell?.includes(',') ? `"${cell}"` : (cell ?? ''))).join(',')}\n`;
}

/** Rows of a file, its header aside; cells have no line breaks here. */
export async function rowsOf(/** @type {string} */ file) {
  let lines = 0;
  let last = lineFeed;
  for await (const chunk of createReadStream(file)) {
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) lines++;
    last = chunk.at(-1);
  }
  return last === lineFeed ? lines - 1 : lines;
}
