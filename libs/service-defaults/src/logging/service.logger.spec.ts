import { jest } from '@jest/globals';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { startTracing, type StopTracing } from '../tracing/index.js';
import { ServiceLogger } from './service.logger.js';

const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };

describe('a log line', () => {
  let stop: StopTracing;
  const written: string[] = [];

  beforeAll(async () => {
    stop = await startTracing('logging');
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await stop();
  });

  const within = (logger: ServiceLogger): string[] => {
    written.length = 0;
    context.with(trace.setSpanContext(ROOT_CONTEXT, span), () => logger.log('inside', 'Spec'));
    logger.log('outside', 'Spec');
    return [...written];
  };

  it('in JSON carries the trace it belongs to', () => {
    const [inside, outside] = within(new ServiceLogger('logging', 'json')).map(
      (line) => JSON.parse(line) as object,
    );
    expect(inside).toMatchObject({ message: 'inside', trace_id: span.traceId, span_id: span.spanId });
    expect(outside).not.toHaveProperty('trace_id');
  });

  it('for a person ends with it', () => {
    const [inside, outside] = within(new ServiceLogger('logging', 'text'));
    expect(inside).toMatch(new RegExp(`inside.* trace_id=${span.traceId}\n$`));
    expect(outside).not.toContain('trace_id');
  });
});
