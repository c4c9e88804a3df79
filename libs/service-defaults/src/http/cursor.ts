import { createHash } from 'node:crypto';
import { invalid } from './problem.js';

const checkBytes = 9;

/**
 * A cursor of a list, opaque to clients: where the last page ended, and a digest of that and of what was asked, so that a
 * cursor that was altered, or taken along to another question, is told from one of ours.
 * @param position where the next page begins, such as the last id
 * @param query what the list was asked for, apart from `limit` and `cursor`
 */
export function cursorAfter(position: string, query: object): string {
  return Buffer.concat([check(position, query), Buffer.from(position, 'utf8')]).toString('base64url');
}

/** The position of a cursor. @throws a 400 problem for a cursor that is none of this question's. */
export function positionOf(cursor: string, query: object): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(checkBytes).toString('utf8');
  if (cursorAfter(position, query) === cursor) return position;
  throw invalid([{ pointer: '/cursor', detail: 'must be the nextCursor of an earlier page of this list' }]);
}

function check(position: string, query: object): Buffer {
  const asked = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([position, asked]))
    .digest()
    .subarray(0, checkBytes);
}
