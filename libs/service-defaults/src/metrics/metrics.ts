import { collectDefaultMetrics, Registry } from 'prom-client';

/** The process's Prometheus registry, served at `/metrics`. */
export const metrics = new Registry();
collectDefaultMetrics({ register: metrics });

export { Counter, Gauge, Histogram } from 'prom-client';
