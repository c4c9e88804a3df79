import { Catch, type ExceptionFilter } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA } from '@nestjs/common/constants.js';
import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import { PATTERN_HANDLER_METADATA } from '@nestjs/microservices/constants.js';
import { type Observable, throwError } from 'rxjs';

/** Hands a handler's error on as it is. */
@Catch()
class KeepErrorFilter implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

const keepError = new KeepErrorFilter();

/**
 * Nest's default filter for messages logs a handler's error and puts `{status: 'error', message: 'Internal server error'}`
 * in its place, which suits an answer to a stranger. Here the runtime must tell a deadlock from a bug, so each event
 * handler gets a filter of last resort that keeps the error; filters of its own and of its class come before it.
 *
 * Must run before the transport is connected, because Nest reads the metadata then.
 */
export function keepHandlerErrors(discovery: DiscoveryService): void {
  const scanner = new MetadataScanner();
  for (const { metatype } of discovery.getControllers()) {
    if (!metatype) continue;
    const prototype = metatype.prototype as Record<string, object>;
    for (const name of scanner.getAllMethodNames(prototype)) {
      const method = prototype[name];
      if (method && Reflect.hasMetadata(PATTERN_HANDLER_METADATA, method)) keepErrorsOf(method, metatype);
    }
  }
}

/** Nest asks the last filter of the list first. */
function keepErrorsOf(method: object, controller: object): void {
  const own = filtersOf(method);
  if (own.includes(keepError)) return;
  Reflect.defineMetadata(EXCEPTION_FILTERS_METADATA, [keepError, ...filtersOf(controller), ...own], method);
}

function filtersOf(target: object): unknown[] {
  return (Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, target) as unknown[] | undefined) ?? [];
}
