import { newPersonalDataKey, seal, toApplicationProperties } from '@app/contracts';
import { ConsumerServer, GroupRegistration, KeySource, type PersonalDataKey } from '@app/consumer';
import { VirtualClock } from '@app/clock';
import { EventHubsSender } from '@app/event-hubs';
import {
  serviceEnvironment,
  ServiceDefaultsModule,
  type Scope,
  scopes,
  TokenVerifier,
} from '@app/service-defaults';
import type { StartedBroker, TestDatabase } from '@app/testing';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../src/clock/clock.js';
import { Dispatcher } from '../src/delivery/dispatcher.js';
import { Resolver, SystemResolver } from '../src/egress/resolver.js';
import { type EventGridSettings, eventGridSettings, SETTINGS } from '../src/environment.js';
import { EventGridModule } from '../src/event-grid.module.js';
import { guardPublishing } from '../src/publishing/guard-publishing.js';

export interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
}

export interface StartOptions {
  settings?: Partial<EventGridSettings>;
  resolver?: Resolver;
  eventHubName?: string;
}

/** The whole service in this process: real database, real engine, a clock that stands still until it is moved. */
export class EventGridUnderTest {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly clock: VirtualClock,
    private readonly sender: EventHubsSender,
    private readonly granted: Set<Scope>,
    readonly keys: Map<string, PersonalDataKey>,
  ) {}

  static async start(
    broker: StartedBroker,
    database: TestDatabase,
    { settings = {}, resolver = new SystemResolver(), eventHubName = 'customer-events' }: StartOptions = {},
  ): Promise<EventGridUnderTest> {
    process.env['DATABASE_URL'] = database.url;
    process.env['EVENTHUBS_CONNECTION_STRING'] = broker.connectionString;
    process.env['EVENTHUB_NAME'] = eventHubName;
    const clock = new VirtualClock(Date.now());
    const granted = new Set<Scope>(scopes);
    const caller = { subject: 'ada', client: 'spec', isService: false, scopes: granted };
    const keys = new Map<string, PersonalDataKey>();
    const module = await Test.createTestingModule({
      imports: [ServiceDefaultsModule.forRoot(serviceEnvironment.parse({})), EventGridModule],
    })
      .overrideProvider(TokenVerifier)
      .useValue({ verify: async () => caller })
      .overrideProvider(KeySource)
      .useValue({
        fetch: async (ids: string[]) => new Map(ids.map((id) => [id, keys.get(id) ?? { erased: true }])),
      })
      .overrideProvider(GroupRegistration)
      .useValue({ whenRegistered: async () => undefined })
      .overrideProvider(Clock)
      .useValue(new Clock(clock, clock))
      .overrideProvider(Resolver)
      .useValue(resolver)
      .overrideProvider(SETTINGS)
      .useValue({ ...eventGridSettings(), ...settings })
      .compile();
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), {
      logger: ['fatal'],
    });
    app
      .getHttpAdapter()
      .getInstance()
      .addContentTypeParser(
        ['application/cloudevents+json', 'application/cloudevents-batch+json'],
        { parseAs: 'string' },
        app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error'),
      );
    guardPublishing(app);
    app.connectMicroservice({ strategy: app.get(ConsumerServer) });
    await app.listen(0, '127.0.0.1');
    await app.startAllMicroservices();
    const sender = new EventHubsSender({ connectionString: broker.connectionString, eventHubName });
    return new EventGridUnderTest(app, clock, sender, granted, keys);
  }

  get sql(): DataSource {
    return this.app.get(DataSource);
  }

  /** As a caller with every scope, unless some have been taken away. */
  async call<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(`${await this.app.getUrl()}${path}`, {
      method,
      headers: {
        authorization: 'Bearer token',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T };
  }

  /** Puts a subscription whose handler is at `endpointUrl`. */
  subscribe(name: string, endpointUrl: string, more: Record<string, unknown> = {}): Promise<Answer> {
    return this.call('PUT', `/v1/event-subscriptions/${name}`, {
      destination: { endpointType: 'WebHook', properties: { endpointUrl } },
      ...more,
    });
  }

  /** Sends a fact about a customer to the stream, sealed under the customer's key. @returns its id */
  async happen(
    customerId: string,
    type = 'AddressChanged',
    personal: unknown = { current: { givenName: 'Kari' }, previous: {} },
    partitionId = '0',
  ): Promise<string> {
    const id = uuidv7();
    const attributes = {
      id,
      type,
      source: '/profile',
      subject: customerId,
      time: new Date().toISOString(),
      dataschema: `/schemas/${type}/v1.json`,
    };
    const data =
      type === 'CustomerErased'
        ? { changed: [] }
        : { changed: ['addresses.home'], personal: seal(personal, customerId, this.keyOf(customerId)) };
    await this.sender.send(partitionId, [
      { id, applicationProperties: toApplicationProperties(attributes), body: JSON.stringify(data) },
    ]);
    return id;
  }

  revoke(...taken: Scope[]): () => void {
    for (const scope of taken) this.granted.delete(scope);
    return () => taken.forEach((scope) => this.granted.add(scope));
  }

  /** Time goes on, and what falls due by that is looked for. */
  move(ms: number): void {
    this.clock.move(ms);
    this.app.get(Dispatcher).wake();
  }

  async deliveries(name: string): Promise<DeliveryShown[]> {
    const { body } = await this.call<{ items: DeliveryShown[] }>(
      'GET',
      `/v1/event-subscriptions/${name}/deliveries`,
    );
    return body.items;
  }

  async close(): Promise<void> {
    await this.sender.close();
    await this.app.close();
  }

  private keyOf(customerId: string): Buffer {
    const known = this.keys.get(customerId);
    if (known && !known.erased) return known.key;
    const key = newPersonalDataKey();
    this.keys.set(customerId, { erased: false, key });
    return key;
  }
}

export interface DeliveryShown {
  id: string;
  state: string;
  attempts: number;
  deadLetterReason?: string;
  nextAttemptAt?: string;
  event: { id: string; type: string };
  history: { outcome: string; status?: number; latencyMs: number; detail?: string }[];
}
