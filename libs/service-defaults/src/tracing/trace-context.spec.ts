import { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } from '@opentelemetry/api';
import { spanContextOf, TraceContextPropagator, traceparentOf } from './trace-context.js';

const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('a trace context', () => {
  it('is read from traceparent and written as it was', () => {
    const span = spanContextOf(given);
    expect(span).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      isRemote: true,
    });
    expect(span && traceparentOf(span)).toBe(given);
  });

  it.each([
    undefined,
    '',
    'x',
    given.toUpperCase(),
    given.replace('00-', 'ff-'),
    `${given}-more`,
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  ])('is none in %p', (text) => expect(spanContextOf(text)).toBeUndefined());

  it('passes through with its tracestate', () => {
    const propagator = new TraceContextPropagator();
    const extracted = propagator.extract(
      ROOT_CONTEXT,
      { traceparent: given, tracestate: 'a=1,b=2' },
      defaultTextMapGetter,
    );
    const carrier: Record<string, string> = {};
    propagator.inject(extracted, carrier, defaultTextMapSetter);
    expect(carrier).toEqual({ traceparent: given, tracestate: 'a=1,b=2' });
  });

  it('is left as it is by headers that say nothing, or two things', () => {
    const propagator = new TraceContextPropagator();
    for (const headers of [{}, { traceparent: 'x' }, { traceparent: [given, given] }]) {
      expect(propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)).toBe(ROOT_CONTEXT);
    }
    const carrier = {};
    propagator.inject(ROOT_CONTEXT, carrier, defaultTextMapSetter);
    expect(carrier).toEqual({});
  });
});
