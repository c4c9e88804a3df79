import type { AmqpError } from '../rhea.js';

/** A link that a client may not have: it is attached, as §2.6.3 wants it, then detached with this error. */
export class LinkRefused extends Error {
  override readonly name = 'LinkRefused';
  constructor(readonly error: AmqpError) {
    super(error.description);
  }
}
