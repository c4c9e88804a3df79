import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { digitsOf } from './fold.js';

/** Reversed: a number typed without its country code is a prefix of it. */
export const phoneKey = (digits: string): string => `=p:${digits.split('').toReversed().join('')}`;

/**
 * The digits a telephone number is known by: as it was given, with its country's code, and as it is dialled at home, where
 * it is a number of one of these countries.
 */
export function numbersOf(phone: string, countries: readonly string[]): string[] {
  const written = digitsOf(phone);
  if (written === '') return [];
  const homes = phone.trimStart().startsWith('+') ? [undefined] : countries;
  return [...new Set([written, ...homes.flatMap((home) => formsOf(phone, home))])];
}

function formsOf(phone: string, home: string | undefined): string[] {
  if (home !== undefined && !isSupportedCountry(home)) return [];
  const parsed = parsePhoneNumberFromString(phone, home);
  if (!parsed?.isValid()) return [];
  // With what is dialled before a number at home: 8 in Russia, 06 in Hungary.
  return [digitsOf(parsed.number), digitsOf(parsed.formatNational())];
}

/** What one dials before a country's code: 00 almost everywhere, 011 in North America. */
const dialledAbroad = /^[\s(]*(?:\+|00|011)/;

/**
 * The digits that a number typed into the search ends with, whatever form it is kept in: without what is dialled before
 * the country's code, or before the number at home.
 */
export function typedNumber(typed: string): string {
  if (dialledAbroad.test(typed)) {
    const parsed = parsePhoneNumberFromString(typed.replace(dialledAbroad, '+'));
    if (parsed?.isValid()) return digitsOf(parsed.number);
  }
  return digitsOf(typed).replace(/^0+(?=\d{4})/, '');
}
