import { digitsOf, wordsOf } from './fold.js';
import { phoneKey, typedNumber } from './phone.js';
import { accountKey, cityKey, countryKey, emailKey } from './search-document.js';

export interface SearchRequest {
  q: string;
  country?: string | undefined;
  city?: string | undefined;
}

/** What is looked for: each term matches, or one of the identifiers is the customer's, and all filters hold. */
export interface SearchQuery {
  terms: Term[];
  /** Keys of the document that must all be there. */
  filters: string[];
  /** The whole text taken as an account number, an e-mail address or a telephone number, in the index's form. */
  identifiers: string[];
}

/** One word of the query, or what was written with digits and signs between them. */
export interface Term {
  word: string;
  /** The key of an account number, or what the keys of several begin with. */
  account?: string;
  /** What the key of a telephone number that ends in these digits begins with. */
  phone?: string;
  /** The words it was written in: "4700 3761" may be a postal code and a house. */
  parts?: string[];
}

/** The last four digits of a telephone number are what people remember. */
const leastPhoneDigits = 4;
const leastNumberDigits = 7;
const groupedNumber = /(?<![\p{L}\d]|[\p{L}\d][-_./])[+(]?\d[\d\s()./-]{4,}\d(?![\p{L}\d])/gu;
const hyphenated = /[\p{L}\d]+(?:[-_./][\p{L}\d]+)+/gu;

export function queryOf({ q, country, city }: SearchRequest): SearchQuery {
  const filters = [];
  if (country !== undefined) filters.push(countryKey(country));
  if (city !== undefined) filters.push(cityKey(city));
  const text = q.trim();
  return { terms: termsOf(text), filters, identifiers: identifiersOf(text) };
}

function termsOf(text: string): Term[] {
  const terms = new Map<string, Term>();
  const takeOut = (written: string, joined: string): string => {
    terms.set(joined, { ...termOf(joined, written), parts: wordsOf(written) });
    return ' ';
  };
  const rest = text
    .replaceAll(groupedNumber, (written) => {
      const digits = digitsOf(written);
      return digits.length < leastNumberDigits || digits === written ? written : takeOut(written, digits);
    })
    .replaceAll(hyphenated, (written) =>
      // "AW-00011000" is an account number, "jon-paul" two words.
      /\d/.test(written) ? takeOut(written, wordsOf(written).join('')) : written,
    );
  for (const word of wordsOf(rest)) terms.set(word, terms.get(word) ?? termOf(word));
  return [...terms.values()];
}

function termOf(word: string, written = word): Term {
  if (!/\d/.test(word)) return { word };
  const number = /^\d+$/.test(word) && word.length >= leastPhoneDigits;
  return { word, account: accountKey(word), ...(number ? { phone: phoneKey(typedNumber(written)) } : {}) };
}

function identifiersOf(text: string): string[] {
  const digits = digitsOf(text);
  const onlyNumber = /^[\d\s()+./-]+$/.test(text) && digits.length >= leastNumberDigits;
  return [
    ...(wordsOf(text).length > 0 ? [accountKey(text)] : []),
    ...(text.includes('@') ? [emailKey(text)] : []),
    ...(onlyNumber ? [phoneKey(typedNumber(text))] : []),
  ];
}
