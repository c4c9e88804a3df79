/**
 * Names that every object of JavaScript has, and no document or query of ours. Nest and zod pass some of them over without a
 * word, so that a client would believe they had been read.
 */
export const namesOfObjects: readonly string[] = ['__proto__', 'constructor', 'prototype'];
