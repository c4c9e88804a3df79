import { addressKinds } from '@app/contracts';
import { fold, indexedWordsOf, wordsOf } from './fold.js';
import { accountKeys, emailKey, type FoundCustomer, phoneKeys } from './search-document.js';
import type { SearchQuery } from './search-query.js';
import type { Spellings } from './ts-query.js';

/** Where a customer matches: a member, as a JSON pointer into the item, and places in its text. */
export interface Highlight {
  pointer: string;
  /** `[start, end)` in UTF-16 code units, as JavaScript, Java and C# count, in order, none overlapping. */
  ranges: [start: number, end: number][];
}

/** A word with the signs and marks inside it, as it was written. */
const written = /[\p{L}\p{N}\p{M}'’‘ʼ`´]+/gu;

/** Why a customer is in the answer, for people to see. */
export function highlightsOf(
  found: FoundCustomer,
  query: SearchQuery,
  spellings: Spellings = new Map(),
): Highlight[] {
  return membersOf(found).flatMap(({ pointer, text, keys = [] }) => {
    const ranges = keys.some((key) => isMeant(key, query))
      ? [[0, text.length] as [number, number]]
      : rangesIn(text, query, spellings);
    return ranges.length > 0 ? [{ pointer, ranges }] : [];
  });
}

interface Member {
  pointer: string;
  text: string;
  /** What the member is looked for by as a whole. */
  keys?: string[];
}

function membersOf(found: FoundCustomer): Member[] {
  const { accountNumber, title = '', givenName, familyName, email = '', phone = '', addresses } = found;
  return [
    { pointer: '/accountNumber', text: accountNumber, keys: accountKeys(accountNumber) },
    { pointer: '/title', text: title },
    { pointer: '/givenName', text: givenName },
    { pointer: '/familyName', text: familyName },
    { pointer: '/email', text: email, keys: [emailKey(email)] },
    { pointer: '/phone', text: phone, keys: phoneKeys(found) },
    ...addressKinds.flatMap((kind) => {
      const { line1 = '', line2 = '', city = '', region = '', postalCode = '' } = addresses[kind] ?? {};
      const at = `/addresses/${kind}`;
      return [
        { pointer: `${at}/line1`, text: line1 },
        { pointer: `${at}/line2`, text: line2 },
        { pointer: `${at}/city`, text: city },
        { pointer: `${at}/region`, text: region },
        { pointer: `${at}/postalCode`, text: postalCode, keys: [wordsOf(postalCode).join('')] },
      ];
    }),
  ].filter(({ text }) => text !== '');
}

/** Whether the query, or a word of it, stands for a member as a whole: a number without its signs, or a part of it. */
function isMeant(key: string, { identifiers, terms }: SearchQuery): boolean {
  if (key === '') return false;
  if (identifiers.some((one) => (key.startsWith('=p:') ? key.startsWith(one) : key === one))) return true;
  return terms.some(
    ({ word, account, phone }) =>
      key === word ||
      (account !== undefined && key.startsWith(account)) ||
      (phone !== undefined && key.startsWith(phone)),
  );
}

function rangesIn(text: string, { terms }: SearchQuery, spellings: Spellings): [number, number][] {
  const words = terms.flatMap(({ word, parts = [] }) => [word, ...(parts.length > 1 ? parts : [])]);
  return [...text.matchAll(written)].flatMap(({ 0: token, index }): [number, number][] => {
    const length = matchedLength(token, words, spellings);
    return length > 0 ? [[index, index + length]] : [];
  });
}

/** How much of a word was meant: all of it, its beginning, or nothing. */
function matchedLength(token: string, words: readonly string[], spellings: Spellings): number {
  const forms = indexedWordsOf(token);
  const whole = words.some((word) => forms.some((form) => form === word || spellings.get(word)?.has(form)));
  if (whole) return token.length;
  const beginnings = words.filter((word) => forms.some((form) => form.startsWith(word)));
  const longest = Math.max(0, ...beginnings.map(({ length }) => length));
  // Where folding changed the length (ß, o’), the beginning of the one is no place in the other.
  return longest > 0 && fold(token).length !== token.length ? token.length : longest;
}
