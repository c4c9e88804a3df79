import { addressKinds, type Address, type Customer } from '@app/contracts';
import { fold, indexedWordsOf, wordsOf } from './fold.js';
import { numbersOf, phoneKey } from './phone.js';

/** What a search answers of a customer. */
export interface FoundCustomer {
  id: string;
  accountNumber: string;
  title?: string;
  givenName: string;
  familyName: string;
  email?: string;
  phone?: string;
  addresses: Customer['addresses'];
}

/** One customer as the index holds it. */
export interface SearchDocument {
  /** Words of the names: a match among them counts more. */
  nameWords: string[];
  /** The same, and the keys that filters ask for. */
  nameKeys: string[];
  /** Every word the customer may be found by, and the keys made below. */
  words: string[];
  found: FoundCustomer;
}

// oxlint-disable-next-line no-control-regex -- no database keeps a NUL in a text
const unwritten = /[\s\u0000-\u001f]/g;

// Keys begin with a sign that no word holds: neither a word nor the beginning of one meets them.

export const countryKey = (country: string): string => `=c:${fold(country)}`;
export const cityKey = (city: string): string => `=t:${wordsOf(city).join(' ')}`;
export const isKey = (key: string): boolean => key.startsWith('=');
export const emailKey = (email: string): string => `=e:${fold(email).replaceAll(unwritten, '')}`;
/** An account number, or a part of it, as one word, whatever separators it is written with. */
export const accountKey = (accountNumber: string): string => `=a:${wordsOf(accountNumber).join('')}`;

export function documentOf(customer: Customer): SearchDocument {
  const nameWords = unique([customer.givenName, customer.familyName].flatMap(indexedWordsOf));
  const addresses = addressKinds.flatMap((kind) => customer.addresses[kind] ?? []);
  const words = [
    ...nameWords,
    ...indexedWordsOf(customer.title ?? ''),
    ...indexedWordsOf(customer.email ?? ''),
    ...addresses.flatMap(addressWords),
    ...accountKeys(customer.accountNumber),
    ...phoneKeys(customer),
  ];
  if (customer.email) words.push(emailKey(customer.email));
  const nameKeys = unique([
    ...nameWords,
    ...addresses.flatMap(({ country, city }) => [countryKey(country), cityKey(city)]),
  ]);
  return { nameWords, nameKeys, words: unique(words), found: foundCustomer(customer) };
}

function addressWords(address: Address): string[] {
  const { line1, line2 = '', city, region = '', postalCode = '', country } = address;
  return [
    ...[line1, line2, city, region, postalCode].flatMap(indexedWordsOf),
    wordsOf(postalCode).join(''),
    countryKey(country),
    cityKey(city),
  ];
}

/**
 * "AW-00011000" is found as aw00011000, as 00011000 and, as people say it, 11000. Keys, not words: with thousands of
 * account numbers that begin alike, a word that begins so as well would be dear to look for.
 */
export function accountKeys(accountNumber: string): string[] {
  const joined = wordsOf(accountNumber).join('');
  const [, zeros, digits] = /^\p{L}+(0*)(\d+)$/u.exec(joined) ?? [];
  const parts = zeros !== undefined && digits !== undefined ? [zeros + digits, digits] : [];
  return [joined, ...parts].map(accountKey);
}

/** A number is its country's: that of an address of the customer's, unless it says so itself. */
export function phoneKeys({ phone = '', addresses }: Pick<Customer, 'phone' | 'addresses'>): string[] {
  const countries = addressKinds.flatMap((kind) => addresses[kind]?.country ?? []);
  return numbersOf(phone, unique(countries)).map(phoneKey);
}

function foundCustomer(customer: Customer): FoundCustomer {
  const { id, accountNumber, title, givenName, familyName, email, phone, addresses } = customer;
  return {
    id,
    accountNumber,
    ...(title ? { title } : {}),
    givenName,
    familyName,
    ...(email ? { email } : {}),
    ...(phone ? { phone } : {}),
    addresses,
  };
}

/** Longer ones the index cannot hold (2,046 bytes), and nobody types. */
const longestWord = 300;
const unique = (words: string[]): string[] =>
  [...new Set(words)].filter((word) => word !== '' && word.length <= longestWord);
