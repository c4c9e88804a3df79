/** A customer's entity tag is its version, strong (RFC 9110 §8.8.3): equal tags mean equal bytes. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** If-Match (RFC 9110 §13.1.1) compares strongly: a weak tag never matches. */
export function matches(ifMatch: string, version: number): boolean {
  return ifMatch.trim() === '*' || tagsOf(ifMatch).includes(entityTag(version));
}

/** If-None-Match (RFC 9110 §13.1.2) compares weakly. */
export function matchesWeakly(ifNoneMatch: string, version: number): boolean {
  const tags = tagsOf(ifNoneMatch).map((tag) => tag.replace(/^W\//, ''));
  return ifNoneMatch.trim() === '*' || tags.includes(entityTag(version));
}

/** Whether a header is a list of entity tags, or `*`, at all. */
export function isEntityTagList(header: string): boolean {
  return /^\s*(\*|(W\/)?"[^"]*"(\s*,\s*(W\/)?"[^"]*")*)\s*$/.test(header);
}

function tagsOf(header: string): string[] {
  return header.match(/(W\/)?"[^"]*"/g) ?? [];
}
