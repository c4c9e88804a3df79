import { invalid } from '@app/service-defaults';
import { validate } from 'uuid';

/** Opaque to clients: where the last page ended. */
export function cursorAfter(id: string): string {
  return Buffer.from(`1:${id}`, 'utf8').toString('base64url');
}

/** The id a page starts behind. @throws a 400 problem for a cursor that is none of ours. */
export function idOfCursor(cursor: string): string {
  const [version, id, ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split(':');
  if (version === '1' && id !== undefined && validate(id) && rest.length === 0 && cursorAfter(id) === cursor)
    return id;
  throw invalid([{ pointer: '/cursor', detail: 'must be the nextCursor of an earlier page' }]);
}
