import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { loadEnv } from '../config/load-env.js';
import { TraceContextPropagator } from './trace-context.js';
import { traceFetches } from './trace-fetches.js';

/** The variables of OpenTelemetry's specification that decide on tracing here; the exporter reads the others itself. */
const environment = z.object({
  /** "true" switches tracing off altogether: then no trace is carried on either. */
  OTEL_SDK_DISABLED: z.string().optional(),
  /** Where spans go to, by OTLP over HTTP; without it none is recorded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional(),
  /** Names the service instead of its own name. */
  OTEL_SERVICE_NAME: z.string().optional(),
});

/** So long a service that ends waits for its last spans to be taken. */
const sendLastMs = 2_000;

/** Ends tracing: what is recorded is sent, unless the collector is away. */
export type StopTracing = () => Promise<void>;

/**
 * A trace that comes in, with a request or an event, is carried on into what is called from there. Spans are recorded,
 * and the SDK is loaded, where an endpoint is set.
 */
export async function startTracing(service: string): Promise<StopTracing> {
  const env = loadEnv(environment);
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return async () => undefined;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new TraceContextPropagator());
  const leaveFetches = traceFetches();
  const isExported = env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const provider = isExported ? await exported(env.OTEL_SERVICE_NAME ?? service) : undefined;
  return async () => {
    leaveFetches();
    if (provider) await Promise.race([provider.shutdown(), delay(sendLastMs, undefined, { ref: false })]);
    // The provider stays: tracers that have been handed out would never see another.
    for (const api of [context, propagation]) api.disable();
  };
}

async function exported(service: string): Promise<{ shutdown(): Promise<void> }> {
  const { exportingProvider } = await import('./exporting-provider.js');
  const provider = exportingProvider(service);
  trace.setGlobalTracerProvider(provider);
  return provider;
}
