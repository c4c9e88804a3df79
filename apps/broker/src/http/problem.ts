import { STATUS_CODES } from 'node:http';

/** What a caller did wrong, answered as `application/problem+json` (RFC 9457). */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  constructor(
    readonly status: number,
    readonly detail?: string,
  ) {
    super(detail ?? STATUS_CODES[status]);
  }

  get body(): object {
    const { status, detail } = this;
    return { type: 'about:blank', status, title: STATUS_CODES[status], ...(detail && { detail }) };
  }
}
