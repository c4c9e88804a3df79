import { Logger } from '@nestjs/common';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node';

/**
 * Records spans and sends them in batches by OTLP over HTTP, in JSON, where OTEL_EXPORTER_OTLP_ENDPOINT says; samples as
 * OTEL_TRACES_SAMPLER says. What the collector does not take in time is dropped: nothing waits for it.
 */
export function exportingProvider(
  service: string,
  exporter: SpanExporter = new OTLPTraceExporter(),
): NodeTracerProvider {
  const logger = new Logger('Tracing');
  const warn = (message: string) => logger.warn(message);
  const quiet = () => undefined;
  diag.setLogger({ error: warn, warn, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.WARN);
  return new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
}
