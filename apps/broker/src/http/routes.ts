import type { IncomingMessage } from 'node:http';
import type { MovableClock } from '@app/clock';
import type { Engine } from '../engine/engine.js';
import type { EventHub, Partition } from '../engine/event-hub.js';
import { type Guards, refusalOf } from './authorise.js';
import { moveClock } from './clock.js';
import { describeServiceBus } from './describe-service-bus.js';
import { describeHub, describePartition } from './describe.js';
import { renderMetrics } from './metrics.js';
import { peek } from './peek.js';
import { HttpProblem } from './problem.js';

/** JSON, or text where `text` is set. */
export type Answer = { status: number; body: object } | { status: number; text: string };

export interface RouteContext extends Guards {
  readonly engine: Engine;
  /** Set with CLOCK=virtual. */
  readonly movableClock: MovableClock | undefined;
  /** AMQP connections that are open now. */
  readonly connections: () => number;
}

/**
 * What the HTTP door answers. All but `/health` takes a token, see `authorise.ts`.
 *
 *   GET /health                                      in the official emulator's words
 *   GET /metrics                                     Prometheus
 *   GET /v1/event-hubs                               every hub, its groups, partitions and readers
 *   GET /v1/event-hubs/{hub}
 *   GET /v1/event-hubs/{hub}/partitions/{id}
 *   GET /v1/event-hubs/{hub}/partitions/{id}/events  ?from= sequence number, ?limit=
 *   GET /v1/service-bus                              every queue and subscription with its counts
 *   POST /v1/clock {"move": ms}                      with CLOCK=virtual: moves the time of Service Bus forward
 *
 * @throws HttpProblem
 */
export async function route(
  request: IncomingMessage,
  { engine, connections, movableClock, ...guards }: RouteContext,
): Promise<Answer> {
  const target = `http://engine${request.url}`;
  if (request.url?.startsWith('/') !== true || !URL.canParse(target)) throw new HttpProblem(400);
  const url = new URL(target);
  const path = url.pathname.split('/').slice(1).map(decoded);
  const isClock = url.pathname === '/v1/clock' && movableClock !== undefined;
  if (request.method !== 'GET' && !(isClock && request.method === 'POST')) throw new HttpProblem(405);
  if (url.pathname === '/health') return health(engine);
  const [v1, hubs, hubName, partitions, partitionId, events, ...rest] = path;
  const isMetrics = url.pathname === '/metrics';
  const isServiceBus = url.pathname === '/v1/service-bus';
  if (!isMetrics && !isServiceBus && !isClock && (v1 !== 'v1' || hubs !== 'event-hubs' || rest.length > 0))
    throw new HttpProblem(404);
  const refusal = await refusalOf(request, hubName ?? '', guards);
  if (refusal !== undefined) throw new HttpProblem(refusal, detailOf(refusal, guards));
  if (isMetrics) return { status: 200, text: renderMetrics(engine, connections()) };
  if (isServiceBus) return ok(describeServiceBus(engine.serviceBus));
  if (isClock) return ok(await moveClock(request, movableClock));
  if (hubName === undefined) return ok({ items: engine.all.map(describeHub) });
  const hub = found(engine.hub(hubName));
  if (partitions === undefined) return ok(describeHub(hub));
  if (partitions !== 'partitions' || partitionId === undefined) throw new HttpProblem(404);
  const partition: Partition = found(hub.partition(partitionId));
  if (events === undefined) return ok(describePartition(hub, partition));
  if (events !== 'events') throw new HttpProblem(404);
  return ok(await peek(partition, url.searchParams));
}

const detailOf = (refusal: 401 | 403 | 503, { bearer }: Guards): string =>
  refusal === 503
    ? 'the keys of the token issuer cannot be had: try again'
    : `a SAS token with Manage${bearer === undefined ? '' : ', or a bearer token with the scope admin,'} is needed`;

const ok = (body: object): Answer => ({ status: 200, body });

function found<T extends EventHub | Partition>(wanted: T | undefined): T {
  if (wanted === undefined) throw new HttpProblem(404);
  return wanted;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpProblem(400, 'the path is not percent-encoded text');
  }
}

function health(engine: Engine): Answer {
  const { failed } = engine;
  if (failed.length === 0) return ok({ status: 'healthy', message: 'Service is healthy.' });
  const message = `Partitions that have failed: ${failed.join(', ')}.`;
  return { status: 503, body: { status: 'unhealthy', message } };
}
