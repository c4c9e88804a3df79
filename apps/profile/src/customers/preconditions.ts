import { invalid, Problem } from '@app/service-defaults';
import { isEntityTagList, matches } from '../domain/entity-tag.js';

export function preconditionFailed(): Problem {
  return new Problem(412, 'precondition-failed', 'The customer has changed since you read it.', {
    detail: 'Read it again and send its ETag as If-Match.',
  });
}

export function checkVersion(ifMatch: string | undefined, version: number): void {
  if (ifMatch !== undefined && !matches(ifMatch, version)) throw preconditionFailed();
}

/** A write to what exists says which state it was made from (RFC 6585 §3). */
export function requiredIfMatch(header: string | undefined): string {
  if (header !== undefined) return checkedIfMatch(header);
  throw new Problem(428, 'precondition-required', 'Send the ETag you read as If-Match.', {
    detail:
      'It keeps two people who edit at once from overwriting each other; If-Match: * overwrites on purpose.',
  });
}

export function checkedIfMatch(header: string): string {
  if (isEntityTagList(header)) return header;
  throw invalid([{ pointer: '', detail: 'If-Match must be an ETag such as "3", quotes included' }]);
}
