import { AsyncLocalStorage } from 'node:async_hooks';
import { callerIfKnown } from '@app/service-defaults';
import type { FastifyInstance } from 'fastify';

const actors = new AsyncLocalStorage<string>();

/** Whoever a change is put down to: the token's subject, or what works on somebody's behalf. */
export const currentActor = (): string => actors.getStore() ?? 'profile';

export function actingAs<T>(actor: string, work: () => T): T {
  return actors.run(actor, work);
}

/** Reading methods (RFC 9110 §9.2.1), whose requests put nothing down to anybody. */
const isSafe = /^(?:GET|HEAD|OPTIONS)$/;

/** Every change that a request makes is its caller's. */
export function actAsCallers(fastify: FastifyInstance): void {
  fastify.addHook('preHandler', (request, _reply, done) => {
    const caller = isSafe.test(request.method) ? undefined : callerIfKnown(request);
    if (caller) actors.run(caller.subject, done);
    else done();
  });
}
