/** How widely a query has been read. */
export interface Reading {
  depth: number;
  /** For each word whose spelling people get wrong, in the query's order: 1 where it was taken for misspelt. */
  spelt: string;
}

export const depths = {
  /** Words as they were typed, of names. */
  name: 0,
  /** Of anything. */
  exact: 1,
  /** As beginnings of names. */
  namePrefix: 2,
  /** Of anything. */
  prefix: 3,
  /** Those that nobody has as misspelt. */
  spelling: 4,
  /** One of at least three may miss. */
  allButOne: 5,
  /** All as misspelt. */
  allSpelt: 6,
  /** All as misspelt, and one of them may miss. */
  allSpeltButOne: 7,
} as const;

export const narrowest: Reading = { depth: depths.name, spelt: '' };
