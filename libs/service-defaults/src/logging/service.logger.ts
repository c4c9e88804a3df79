import { ConsoleLogger } from '@nestjs/common';
import { trace } from '@opentelemetry/api';

/** Nest's own account of its start: of use to nobody who runs the platform. */
const chatter = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
]);

/** JSON lines for machines, text for a person; each names the service, and the trace it belongs to, if any. */
export class ServiceLogger extends ConsoleLogger {
  constructor(service: string, format: 'json' | 'text') {
    super({ prefix: service, json: format === 'json', colors: format === 'text' && process.stdout.isTTY });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (chatter.has(String(rest.at(-1)))) return;
    super.log(message, ...rest);
  }

  protected override getJsonLogObject(
    ...parts: Parameters<ConsoleLogger['getJsonLogObject']>
  ): ReturnType<ConsoleLogger['getJsonLogObject']> {
    const line = super.getJsonLogObject(...parts);
    const span = trace.getActiveSpan()?.spanContext();
    return span ? Object.assign(line, { trace_id: span.traceId, span_id: span.spanId }) : line;
  }

  protected override formatMessage(...parts: Parameters<ConsoleLogger['formatMessage']>): string {
    const line = super.formatMessage(...parts);
    const span = trace.getActiveSpan()?.spanContext();
    return span ? line.replace(/\n?$/, ` trace_id=${span.traceId}\n`) : line;
  }
}
