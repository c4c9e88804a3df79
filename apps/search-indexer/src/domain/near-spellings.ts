const latin = 'abcdefghijklmnopqrstuvwxyz';
/** Longer words share enough trigrams with what was meant. */
const longest = 20;

/** Every text that one slip makes of a word: a letter forgotten, too many, another, or swapped with its neighbour. */
export function nearSpellings(word: string): string[] {
  if (word.length > longest) return [];
  const letters = new Set(Array.from(latin + word));
  const near = new Set<string>();
  for (let at = 0; at <= word.length; at++) {
    const [before, after] = [word.slice(0, at), word.slice(at)];
    const [first = '', second = ''] = after;
    for (const letter of letters) {
      near.add(before + letter + after);
      if (first) near.add(before + letter + after.slice(1));
    }
    if (first) near.add(before + after.slice(1));
    if (second) near.add(before + second + first + after.slice(2));
  }
  near.delete(word);
  return [...near];
}
