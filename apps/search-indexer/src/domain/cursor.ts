import { createHash } from 'node:crypto';
import { validate } from 'uuid';
import type { SearchRequest } from './search-query.js';
import type { Ranked } from './ranking.js';
import type { Reading } from './reading.js';

/** The cursor was not made by us for this very query. */
export class CursorError extends Error {
  readonly code = 'WRONG_CURSOR';
}

const checkBytes = 6;

/** Where a page ended, and how widely the query was read for it: the next page must not read it more narrowly. */
export interface PageEnd extends Ranked {
  reading: Reading;
}

/** Opaque to clients: the end of a page, and a check that binds it to its query. */
export function encodeCursor({ score, id, reading }: PageEnd, request: SearchRequest): string {
  const position = Buffer.from(JSON.stringify([score, id, reading.depth, reading.spelt]), 'utf8');
  return Buffer.concat([check(position, request), position]).toString('base64url');
}

/** @throws {CursorError} */
export function decodeCursor(cursor: string, request: SearchRequest): PageEnd {
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(checkBytes);
  const intact =
    bytes.toString('base64url') === cursor && bytes.subarray(0, checkBytes).equals(check(position, request));
  if (!intact) throw new CursorError('the cursor does not belong to this query');
  return endOf(position.toString('utf8'));
}

/** The check is no signature: who makes a cursor of his own must not get further than here. */
function endOf(position: string): PageEnd {
  const [, score, id = '', depth, spelt = ''] =
    /^\[(\d(?:\.\d+)?),"([0-9a-f-]+)",([0-6]),"([01]{0,100})"\]$/.exec(position) ?? [];
  if (!validate(id)) throw new CursorError('the cursor does not belong to this query');
  return { score: Number(score), id, reading: { depth: Number(depth), spelt } };
}

function check(position: Buffer, { q, country, city }: SearchRequest): Buffer {
  const query = JSON.stringify(['search/2', q, country ?? null, city ?? null]);
  return createHash('sha256').update(query).update('\0').update(position).digest().subarray(0, checkBytes);
}
