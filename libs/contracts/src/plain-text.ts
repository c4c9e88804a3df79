import { z } from 'zod';

// oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused
const controlCharacters = /[\u0000-\u001f\u007f]/;

/** Without NUL, other control characters or lone surrogates: what PostgreSQL, JSON and a log line can all hold. */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !controlCharacters.test(text);
}

/** @param max UTF-16 code units. */
export function plainText(max: number) {
  return z
    .string()
    .max(max)
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
    .refine((value) => !controlCharacters.test(value), 'must not contain control characters');
}
