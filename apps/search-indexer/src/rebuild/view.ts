/** The view that is searched, or the one that a rebuild is making beside it. */
export type View = 'live' | 'next';

const suffix: Record<View, string> = { live: '', next: '_next' };

/** A view's tables, in the order in which the sweep and an end of a rebuild lock them. */
export const tablesOf = (view: View) =>
  ({
    word: `search_word${suffix[view]}`,
    suspect: `search_word_suspect${suffix[view]}`,
    customer: `search_customer${suffix[view]}`,
    name: `search_name${suffix[view]}`,
  }) as const;
