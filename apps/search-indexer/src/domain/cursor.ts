import { createHash } from 'node:crypto';
import { validate } from 'uuid';
import type { SearchRequest } from './search-query.js';
import type { Ranked } from './ranking.js';

/** The cursor was not made by us for this very query. */
export class CursorError extends Error {
  readonly code = 'WRONG_CURSOR';
}

const checkBytes = 6;

/** Opaque to clients: where a page ended, and a check that binds it to its query. */
export function encodeCursor(last: Ranked, request: SearchRequest): string {
  const position = Buffer.from(JSON.stringify([last.score, last.id]), 'utf8');
  return Buffer.concat([check(position, request), position]).toString('base64url');
}

/** @throws {CursorError} */
export function decodeCursor(cursor: string, request: SearchRequest): Ranked {
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(checkBytes);
  const intact =
    bytes.toString('base64url') === cursor && bytes.subarray(0, checkBytes).equals(check(position, request));
  if (!intact) throw new CursorError('the cursor does not belong to this query');
  return rankedOf(position.toString('utf8'));
}

/** The check is no signature: who makes a cursor of his own must not get further than here. */
function rankedOf(position: string): Ranked {
  const [, score, id = ''] = /^\[(\d(?:\.\d+)?),"([0-9a-f-]+)"\]$/.exec(position) ?? [];
  if (!validate(id)) throw new CursorError('the cursor does not belong to this query');
  return { score: Number(score), id };
}

function check(position: Buffer, { q, country, city }: SearchRequest): Buffer {
  const query = JSON.stringify(['search/1', q, country ?? null, city ?? null]);
  return createHash('sha256').update(query).update('\0').update(position).digest().subarray(0, checkBytes);
}
