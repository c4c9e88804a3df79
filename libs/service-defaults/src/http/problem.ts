import { HttpException } from '@nestjs/common';

/** One member of the request that is wrong: `pointer` is a JSON pointer (RFC 6901) into the body or the query. */
export interface ProblemMember {
  pointer: string;
  detail: string;
}

export interface ProblemDocument {
  /** A stable URI reference that names the kind of problem. */
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: ProblemMember[];
  [extension: string]: unknown;
}

/** An error that the client is meant to read: RFC 9457 problem details. */
export class Problem extends HttpException {
  readonly document: ProblemDocument;
  readonly headers: Record<string, string>;

  /** @param kind the last segment of `type`, such as `account-number-taken`. */
  constructor(
    status: number,
    kind: string,
    title: string,
    more: {
      detail?: string;
      errors?: ProblemMember[];
      headers?: Record<string, string>;
      [ext: string]: unknown;
    } = {},
  ) {
    const { headers, ...members } = more;
    const document: ProblemDocument = { type: `/problems/${kind}`, title, status, ...members };
    super(document, status);
    this.document = document;
    this.headers = headers ?? {};
  }
}

/** A JSON pointer (RFC 6901 §3) from the path of a validation issue. */
export function pointer(path: readonly (PropertyKey | { key: PropertyKey })[] | undefined): string {
  return (path ?? [])
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** 400 with each wrong member of a request. */
export function invalid(errors: ProblemMember[]): Problem {
  return new Problem(400, 'invalid-request', 'The request is not valid.', { errors });
}
