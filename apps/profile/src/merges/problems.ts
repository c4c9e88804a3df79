import { Problem } from '@app/service-defaults';

export const invalidDuplicate = (detail: string): Problem =>
  new Problem(400, 'invalid-request', 'The request is not valid.', {
    errors: [{ pointer: '/duplicateId', detail }],
  });

export const duplicateNotFound = (id: string): Problem =>
  new Problem(404, 'customer-not-found', 'There is no such customer.', {
    errors: [{ pointer: '/duplicateId', detail: `No customer has the id ${id}.` }],
  });

export const mergeNotFound = (id: string): Problem =>
  new Problem(404, 'merge-not-found', 'There is no such merge.', { detail: `None has the id ${id}.` });

/** A write to somebody who lives on in another customer. */
export const customerMerged = ({ survivorId, mergeId }: { survivorId: string; mergeId: string }): Problem =>
  new Problem(409, 'customer-merged', 'This customer has been merged into another.', {
    detail: `Write to ${survivorId}, or revert the merge ${mergeId} first.`,
    survivorId,
    mergeId,
  });

export const tooMany = (what: 'preferences' | 'consents', most: number): Problem =>
  new Problem(409, `too-many-${what}`, `The two have too many ${what} for one customer.`, {
    detail: `Together they must have at most ${most}: take some away from either first.`,
  });

export const alreadyReverted = (revertedAt: Date): Problem =>
  new Problem(409, 'merge-reverted', 'This merge has been reverted already.', {
    detail: `It was reverted at ${revertedAt.toISOString()}.`,
  });

export const mergeErased = (): Problem =>
  new Problem(409, 'merge-erased', 'The customers of this merge have been erased.', {
    detail: 'Nothing is left of either that could be restored.',
  });

/** The survivor lives on in another customer: what it would get back could not be told. */
export const survivorMerged = (mergeId: string): Problem =>
  new Problem(
    409,
    'survivor-merged',
    'The survivor of this merge has been merged into another customer since.',
    {
      detail: `Revert the merge ${mergeId} first.`,
      mergeId,
    },
  );
