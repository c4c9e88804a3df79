import { AsyncLocalStorage } from 'node:async_hooks';
import { callerIfKnown } from '@app/service-defaults';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Observable } from 'rxjs';

const actors = new AsyncLocalStorage<string>();

/** Whoever a change is put down to: the token's subject, or what works on somebody's behalf. */
export const currentActor = (): string => actors.getStore() ?? 'profile';

export function actingAs<T>(actor: string, work: () => T): T {
  return actors.run(actor, work);
}

/** Every change that a request makes is its caller's. */
export class ActorInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const caller = callerIfKnown(context.switchToHttp().getRequest<FastifyRequest>());
    if (!caller) return next.handle();
    return new Observable((subscriber) =>
      actors.run(caller.subject, () => next.handle().subscribe(subscriber)),
    );
  }
}
