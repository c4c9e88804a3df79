import { WireError } from '../wire/wire-error.js';
import { ServiceBusError } from '../../service-bus/errors.js';
import { errorOf, unauthorized } from '../errors.js';
import { answer, takeRequest, textOf, type Answer, type Request } from '../links/request-response.js';
import type { Delivery, LinkContext, ServerLink } from '../links/server-link.js';
import type { Receiver } from '../rhea.js';
import { messageOperations, type Body, type Target } from './management.js';
import { ruleOperations } from './rule-management.js';
import { sessionOperations } from './session-management.js';

const operations = { ...messageOperations, ...sessionOperations, ...ruleOperations };
const sends = new Set(['com.microsoft:schedule-message', 'com.microsoft:cancel-scheduled-message']);

/** `<entity>/$management`: requests about an entity's messages, sessions and rules. */
export class ServiceBusManagementLink implements ServerLink {
  readonly isRequest = true;
  readonly maxBytes: number;

  constructor(
    private readonly context: LinkContext,
    private readonly link: Receiver,
    private readonly address: string,
    private readonly target: Target,
  ) {
    // A message to schedule comes as a request.
    this.maxBytes = context.limits.maxQueueMessageBytes + context.limits.maxRequestBytes;
  }

  received(message: Buffer, _format: number, delivery: Delivery): void {
    const request = takeRequest(message, delivery);
    if (request !== undefined) void this.answer(request, message.length);
  }

  dispose(): void {
    // Nothing is held for this link.
  }

  private async answer(request: Request, bytes: number): Promise<void> {
    this.context.unacknowledged(bytes);
    try {
      answer(this.context, this.link, request, await this.handle(request));
    } finally {
      this.context.unacknowledged(-bytes);
    }
  }

  private async handle({ properties, body }: Request): Promise<Answer> {
    const name = textOf(properties['operation']);
    const right = Object.hasOwn(ruleOperations, name) ? 'Manage' : sends.has(name) ? 'Send' : 'Listen';
    try {
      if (!this.context.claims.allows(right, this.address, Date.now())) {
        const { condition, description } = unauthorized(`'${right}' claim required for '${this.address}'.`);
        return { status: 401, condition, description };
      }
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (operation === undefined)
        return { status: 501, condition: 'amqp:not-implemented', description: `no operation '${name}'` };
      return await operation(this.target, (body ?? {}) as Body);
    } catch (error) {
      const { condition, description } = errorOf(error);
      if (condition === 'amqp:internal-error') this.context.log.error(`${this.address}: ${String(error)}`);
      const status = error instanceof ServiceBusError ? error.status : error instanceof WireError ? 400 : 500;
      return { status, condition, description };
    }
  }
}
