import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { trace } from '@opentelemetry/api';
import type { CustomerEvent, OpenedEvent } from '@app/contracts';
import { ServiceToken, spanContextOf, startTracing, type StopTracing } from '@app/service-defaults';
import {
  eventually,
  freePort,
  type StartedBroker,
  startBroker,
  type StartedService,
  startService,
  type TestDatabase,
  testDatabase,
  type TestIssuer,
  testIssuer,
} from '@app/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import { sealedEvent } from '../../test-support/sealed-events.js';
import { hubs, Stage } from '../../test-support/stage.js';
import { EventBatchPattern, KeySource } from '../index.js';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  links?: { traceId: string }[];
  status: { code?: number };
  attributes: { key: string; value: { stringValue?: string } }[];
}

/** Takes spans as a collector does (OTLP/HTTP 1, JSON), and calls of handlers, whose headers it remembers. */
class Collector {
  readonly spans: Span[] = [];
  readonly called: (string | undefined)[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Collector> {
    const server = createServer((request, response) => {
      void collector
        .take(request)
        .then(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
    });
    const collector = new Collector(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async take(request: IncomingMessage): Promise<void> {
    if (request.url !== '/v1/traces') {
      this.called.push(spanContextOf(request.headers['traceparent'] as string | undefined)?.traceId);
      return;
    }
    const { resourceSpans } = (await json(request)) as {
      resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
    };
    this.spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
  }

  of(traceId: string): Span[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

let callee = '';
const seen: { traceparent: string | undefined; active: string | undefined }[] = [];
const active = () => trace.getActiveSpan()?.spanContext().traceId;

@Controller()
class Calls {
  @EventPattern('CustomerAdded')
  async handle(@Payload() { traceparent, data }: OpenedEvent): Promise<void> {
    seen.push({ traceparent, active: active() });
    await fetch(callee);
    if (data.personal?.current.givenName === 'Flaky' && seen.length === 1) throw new TypeError('once');
  }

  @EventBatchPattern('AddressChanged')
  async handleAll(@Payload() events: OpenedEvent[]): Promise<void> {
    for (const { traceparent } of events) seen.push({ traceparent, active: active() });
    await fetch(callee);
  }
}

const root = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') });
const headerOf = ({ traceId, spanId }: ReturnType<typeof root>) => `00-${traceId}-${spanId}-01`;

describe('a trace', () => {
  let broker: StartedBroker;
  let collector: Collector;
  let stage: Stage;
  let cases = 0;

  beforeAll(async () => {
    [broker, collector] = await Promise.all([startBroker({ config: hubs(3) }), Collector.start()]);
    callee = collector.url;
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '100';
  });
  beforeEach(async () => {
    seen.length = collector.called.length = 0;
    stage = await Stage.open(broker, `hub-${cases++}`, await testDatabase());
  });
  afterEach(() => stage.close());
  afterAll(async () => {
    collector.close();
    await broker.stop();
  });

  const traced = (parent: ReturnType<typeof root>): CustomerEvent => ({
    ...sealedEvent(stage.keys, customer, ++version),
    traceparent: headerOf(parent),
  });
  const customer = randomUUID();
  let version = 0;

  // First, because a tracer that has once had a provider keeps it.
  it('is carried on where none is recorded', async () => {
    const stop = await startTracing('tracer');
    const parent = root();
    const sent = traced(parent);
    await stage.send(sent);
    const { waits } = await stage.start([Calls]);
    await waits.whenProcessed(sent.id, { timeoutMs: 10_000 });
    await stop();
    expect(collector.called).toEqual([parent.traceId]);
    expect(collector.spans.length).toBe(0);
  });

  describe('that is recorded', () => {
    let stop: StopTracing;
    let profile: StartedService;
    let database: TestDatabase;
    let issuer: TestIssuer;

    beforeAll(async () => {
      process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
      stop = await startTracing('tracer');
    });
    afterAll(() => stop());

    beforeEach(async () => {
      [database, issuer] = await Promise.all([testDatabase(), testIssuer()]);
      const port = String(await freePort());
      profile = await startService('profile', {
        DATABASE_URL: database.url,
        SECRETS_DIR: issuer.secretsDir,
        PROFILE_PORT: port,
        AUTH_JWKS_URL: `http://127.0.0.1:${port}/.well-known/jwks.json`,
        EVENTHUBS_CONNECTION_STRING: broker.connectionString,
        EVENTHUB_NAME: stage.hub,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_BSP_SCHEDULE_DELAY: '100',
      });
      process.env['PROFILE_URL'] = profile.url;
    });
    afterEach(async () => {
      await profile.stop();
      await issuer.remove();
      await database.drop();
    });

    it('goes from a REST call through outbox, stream, handler and its retry into what the handler calls', async () => {
      const token = await issuer.token();
      const keys = new KeySource(Object.assign(new ServiceToken({}), { get: async () => token }));
      const { waits } = await stage.start([Calls], { keys, retryPausesMs: [50] });
      const caller = root();
      const answer = await fetch(`${profile.url}/v1/customers`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          traceparent: headerOf(caller),
        },
        body: JSON.stringify({ accountNumber: randomUUID(), givenName: 'Flaky', familyName: 'N' }),
      });
      expect(answer.status).toBe(201);
      const { state } = await waits.whenProcessed(answer.headers.get('event-id') ?? '', {
        timeoutMs: 15_000,
      });
      expect(state).toBe('applied');

      const { traceId } = caller;
      expect(seen.map(({ traceparent }) => spanContextOf(traceparent)?.traceId)).toEqual([traceId, traceId]);
      expect(seen.map((call) => call.active)).toEqual([traceId, traceId]);
      expect(collector.called).toEqual([traceId, traceId]);
      await eventually(() => collector.of(traceId).filter(({ kind }) => kind === 5).length === 2);
      await eventually(() => collector.of(traceId).some(({ name }) => name === 'POST /v1/customers'));
      const spans = collector.of(traceId);
      const server = spans.find(({ name }) => name === 'POST /v1/customers');
      expect(server).toMatchObject({ kind: 2, parentSpanId: caller.spanId });
      const calls = spans.filter(({ name }) => name === 'process CustomerAdded');
      expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual([server?.spanId, server?.spanId]);
      const failed = calls.filter(({ status }) => status.code === 2);
      expect(
        failed.map(({ attributes }) => attributes.find(({ key }) => key === 'error.type')?.value),
      ).toEqual([{ stringValue: 'TypeError' }]);
      expect(JSON.stringify(spans)).not.toContain('once');
    });

    it('is one of the batch’s own, linked to those of its events', async () => {
      const parents = [root(), root(), root()];
      const sent = parents.map(traced);
      await stage.send(...sent);
      const { waits } = await stage.start([Calls]);
      await waits.whenProcessed(sent[2]?.id ?? '', { timeoutMs: 10_000 });
      const [own] = collector.called;
      expect(seen.map((call) => call.active)).toEqual([own, own, own]);
      await eventually(() => collector.of(own ?? '').length === 1);
      const links = collector.of(own ?? '')[0]?.links?.map(({ traceId }) => traceId);
      expect(links).toEqual(parents.map(({ traceId }) => traceId));
    });
  });
});
