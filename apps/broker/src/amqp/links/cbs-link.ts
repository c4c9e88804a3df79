import { isSasToken, verifySasToken } from '../../auth/sas-token.js';
import type { Receiver } from '../rhea.js';
import { answer, takeRequest, type Answer, type Request } from './request-response.js';
import type { Delivery, LinkContext, ServerLink } from './server-link.js';

/** Claims-based security: a client puts its tokens here before it opens a link. */
export class CbsLink implements ServerLink {
  readonly isRequest = true;

  constructor(
    private readonly context: LinkContext,
    private readonly link: Receiver,
  ) {}

  received(message: Buffer, _format: number, delivery: Delivery): void {
    const request = takeRequest(message, delivery);
    if (request !== undefined) answer(this.context, this.link, request, this.putToken(request));
  }

  dispose(): void {
    // Nothing is held for this link.
  }

  private putToken({ properties, body }: Request): Answer {
    const { operation, type, name } = properties;
    if (operation !== 'put-token' || typeof name !== 'string' || typeof body !== 'string') {
      return {
        status: 400,
        description: 'put-token needs a name and a token',
        condition: 'amqp:not-allowed',
      };
    }
    // Python's azure-servicebus says `jwt` of the SAS tokens that it makes.
    if (type !== 'servicebus.windows.net:sastoken' && !(type === 'jwt' && isSasToken(body))) {
      return refusal('only SAS tokens are understood here');
    }
    const verdict = verifySasToken(body, name, this.context.keys, Date.now());
    if (!verdict.ok) return refusal(verdict.reason);
    if (!this.context.claims.add(verdict.claim)) return refusal('too many tokens on one connection');
    this.context.authenticated();
    return { status: 202, description: 'Accepted' };
  }
}

const refusal = (reason: string): Answer => ({
  status: 401,
  description: `InvalidSignature: ${reason}`,
  condition: 'amqp:unauthorized-access',
});
