/** Letters that Unicode does not decompose into a base letter and a mark. */
const undecomposed: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ŋ: 'n',
  ŧ: 't',
  ς: 'σ',
};
const undecomposedLetters = new RegExp(`[${Object.keys(undecomposed).join('')}]`, 'gu');

/** What German and Scandinavian typists write for a letter that their keyboard lacks. */
const transcriptions: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  å: 'aa',
  ø: 'oe',
};
const transcribedLetters = new RegExp(`[${Object.keys(transcriptions).join('')}]`, 'gu');

// oxlint-disable-next-line no-control-regex -- the range is what makes it ASCII
const ascii = /^[\u0000-\u007f]*$/;

/**
 * One spelling for all that a reader takes for the same: lower case, without accents, compatibility forms resolved.
 * Documents and queries go through it alike; folding twice changes nothing.
 */
export function fold(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(undecomposedLetters, (letter) => undecomposed[letter] ?? letter);
}

const word = /[\p{L}\p{N}]+/gu;
/** Signs inside a word that many leave out: O'Brien, l’Esplanade. */
const apostrophe = /['’‘ʼ`´]/u;
const apostrophes = new RegExp(apostrophe, 'gu');

/** The words of a text as they are looked for: folded, an apostrophe joins ("obrien"). */
export function wordsOf(text: string): string[] {
  return split(fold(apostrophe.test(text) ? text.replaceAll(apostrophes, '') : text));
}

/** The words a text may be found by: those of {@link wordsOf}, the parts around an apostrophe, and transcriptions. */
export function indexedWordsOf(text: string): string[] {
  const words = wordsOf(text);
  if (apostrophe.test(text)) words.push(...split(fold(text)));
  if (!ascii.test(text)) words.push(...wordsOf(transcribe(text)));
  return words;
}

function transcribe(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(transcribedLetters, (letter) => transcriptions[letter] ?? letter);
}

const split = (folded: string): string[] => folded.match(word) ?? [];

/** A telephone number reduced to what identifies it. */
export function digitsOf(text: string): string {
  return text.normalize('NFKD').replaceAll(/\D/g, '');
}
