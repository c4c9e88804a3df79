import { randomInt } from 'node:crypto';

/** Text and digits that nobody else has: wherever they are found, this person is. */
export interface Canary {
  word: string;
  phone: string;
}

const letter = (): string => String.fromCharCode(97 + randomInt(26));
const word = (length: number): string => Array.from({ length }, letter).join('');
const digits = (length: number): string => Array.from({ length }, () => randomInt(10)).join('');

/** Persons whose canaries begin alike, so that one look for the beginnings finds any of them. */
export class Canaries {
  readonly needles: readonly string[];
  private readonly wordStart = word(9);
  private readonly phoneStart = `8${digits(8)}`;
  private count = 0;

  constructor() {
    this.needles = [this.wordStart, this.phoneStart];
  }

  next(): Canary {
    const n = this.count++;
    // Letters only: what the search takes for a word, it learns to spell.
    const tail = String(n)
      .padStart(3, '0')
      .replaceAll(/\d/g, (digit) => String.fromCharCode(97 + Number(digit)));
    return { word: `${this.wordStart}${tail}`, phone: `${this.phoneStart}${String(n).padStart(3, '0')}` };
  }
}

/** A customer whose every member is a canary. */
export function canaryCustomer({ word, phone }: Canary): object {
  return {
    accountNumber: `N-${word}`,
    title: word,
    givenName: word,
    familyName: word.toUpperCase(),
    email: `${word}@example.org`,
    phone: `+${phone}`,
    birthDate: '1966-04-08',
    addresses: { home: address(word), billing: address(word) },
    preferences: { note: word },
  };
}

export function address(word: string): object {
  return {
    line1: `1 ${word} Street`,
    line2: word,
    city: word,
    region: word,
    postalCode: '0001',
    country: 'NO',
  };
}
