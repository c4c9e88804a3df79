import type { StoredAnswer } from '../idempotency/keyed-request.js';
import type { Import } from './import.entity.js';

export type ImportView = Pick<
  Import,
  'id' | 'status' | 'read' | 'added' | 'changed' | 'unchanged' | 'refused'
> & {
  failure?: string;
  /** Nothing was done: the counts say what would be. */
  dryRun?: true;
  /** The import that took the same bytes before. */
  repeats?: string;
  createdAt: Date;
  finishedAt?: Date;
};

export function viewOf(job: Import): ImportView {
  const { id, status, read, added, changed, unchanged, refused, dryRun, failure, repeats } = job;
  const { createdAt, finishedAt } = job;
  return {
    id,
    status,
    read,
    added,
    changed,
    unchanged,
    refused,
    ...(dryRun ? { dryRun } : {}),
    ...(failure === null ? {} : { failure }),
    ...(repeats === null ? {} : { repeats }),
    createdAt,
    ...(finishedAt === null ? {} : { finishedAt }),
  };
}

export const acceptedAnswer = (job: Import) =>
  ({ status: 202, headers: { location: `/v1/imports/${job.id}` }, body: viewOf(job) }) satisfies StoredAnswer;
