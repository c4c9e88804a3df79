import { addressKinds, type Address, type Customer } from '@app/contracts';
import { digitsOf, fold, indexedWordsOf, wordsOf } from './fold.js';

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
  /** Every word the customer may be found by, and the keys of {@link countryKey}, {@link cityKey}, {@link phoneKey}. */
  words: string[];
  found: FoundCustomer;
}

/** Keys hold a sign that no word holds, so that the word "us" never meets the country. */
export const countryKey = (country: string): string => `c=${fold(country)}`;
export const cityKey = (city: string): string => `t=${fold(city).trim()}`;
/** Reversed: a number typed without its country code is a prefix of it. */
export const phoneKey = (digits: string): string => `p=${digits.split('').toReversed().join('')}`;
export const emailKey = (email: string): string => `e=${fold(email).trim()}`;
/** The account number as one word, whatever separators it is written with. */
export const accountKey = (accountNumber: string): string => `a=${wordsOf(accountNumber).join('')}`;

export function documentOf(customer: Customer): SearchDocument {
  const nameWords = unique([customer.givenName, customer.familyName].flatMap(indexedWordsOf));
  const addresses = addressKinds.flatMap((kind) => customer.addresses[kind] ?? []);
  const words = [
    ...nameWords,
    ...indexedWordsOf(customer.title ?? ''),
    ...indexedWordsOf(customer.email ?? ''),
    ...accountWords(customer.accountNumber),
    ...addresses.flatMap(addressWords),
    accountKey(customer.accountNumber),
  ];
  if (customer.email) words.push(emailKey(customer.email));
  const digits = digitsOf(customer.phone ?? '');
  if (digits) words.push(phoneKey(digits));
  return { nameWords, words: unique(words), found: foundCustomer(customer) };
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

/** "AW-00011000" is also found as 00011000 and, as people say it, 11000. */
function accountWords(accountNumber: string): string[] {
  const joined = wordsOf(accountNumber).join('');
  const digits = /^\p{L}+(0*)(\d+)$/u.exec(joined);
  return [
    ...indexedWordsOf(accountNumber),
    joined,
    ...(digits?.[2] ? [digits[1] + digits[2], digits[2]] : []),
  ];
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

const unique = (words: string[]): string[] => [...new Set(words)].filter(Boolean);
