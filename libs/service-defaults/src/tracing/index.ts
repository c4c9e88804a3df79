export { startTracing, type StopTracing } from './start-tracing.js';
export { spanContextOf, traceparentOf } from './trace-context.js';
