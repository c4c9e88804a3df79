import { createSasTokenProvider } from '@azure/core-amqp';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  EventHubConsumerClient,
  EventHubProducerClient,
  type EventPosition,
  type ReceivedEventData,
  type SubscribeOptions,
} from '@azure/event-hubs';
import { ServiceBusClient } from '@azure/service-bus';
import { serviceBusConfig } from './service-bus-config.js';

const root = path.resolve(import.meta.dirname, '../../..');

const config = {
  UserConfig: {
    NamespaceConfig: [
      {
        Type: 'EventHub',
        Name: 'emulatorNs1',
        Entities: [
          {
            Name: 'orders',
            PartitionCount: '4',
            ConsumerGroups: [{ Name: 'billing' }, { Name: 'shipping' }],
          },
          { Name: 'single', PartitionCount: 1, ConsumerGroups: [] },
          { Name: 'empty', PartitionCount: 1 },
        ],
      },
    ],
    LoggingConfig: { Type: 'Console' },
  },
};

/*
 * Azure's clients leave timers behind where a connection is lost while they wait for an answer: of their operation
 * time-out, a minute or what a test says. They must not hold a process whose tests are through.
 */
const start = globalThis.setTimeout;
globalThis.setTimeout = Object.assign((...args: Parameters<typeof start>) => start(...args).unref(), start);

export interface Running {
  readonly process: ChildProcess;
  readonly amqpPort: number;
  readonly httpPort: number;
  readonly connectionString: string;
  /** Everything it printed so far. */
  readonly output: string[];
  /** Ends it with a signal; answers its exit code, or null after a signal it could not see. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** How long clients may take to close. */
const closeWithinMs = 3_000;

/** The built broker as a process of its own, on a data folder that outlives it. */
export class BrokerHarness {
  private readonly running = new Set<Running>();
  private readonly clients = new Set<{ close(): Promise<void> }>();

  private constructor(
    readonly folder: string,
    readonly dataDir: string,
    readonly configFile: string,
    readonly serviceBusFile: string,
  ) {}

  /** @param entities in the emulators' formats, for a spec that needs its own */
  static async create(
    entities: { eventHubs: object; serviceBus: object } = { eventHubs: config, serviceBus: serviceBusConfig },
  ): Promise<BrokerHarness> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'broker-'));
    const configFile = path.join(folder, 'eventhubs.json');
    await writeFile(configFile, JSON.stringify(entities.eventHubs));
    const serviceBusFile = path.join(folder, 'servicebus.json');
    await writeFile(serviceBusFile, JSON.stringify(entities.serviceBus));
    return new BrokerHarness(folder, path.join(folder, 'data'), configFile, serviceBusFile);
  }

  /** @param under a program that runs it, with its arguments: `strace`, for example */
  spawn(args: string[] = [], env: NodeJS.ProcessEnv = {}, under: readonly string[] = []): ChildProcess {
    const all = [
      '--config',
      this.configFile,
      '--config',
      this.serviceBusFile,
      '--data',
      this.dataDir,
      '--port',
      '0',
      '--http-port',
      '0',
      ...args,
    ];
    return fork(path.join(root, 'apps/broker/dist/main.js'), all, {
      silent: true,
      env: { ...process.env, ...env },
      ...(under[0] !== undefined && { execPath: under[0], execArgv: [...under.slice(1), process.execPath] }),
    });
  }

  async start(args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Running> {
    const child = this.spawn(args, env);
    const output: string[] = [];
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const exited = once(child, 'exit') as Promise<[number | null]>;
    const ready = once(child, 'message') as Promise<[{ amqpPort: number; httpPort: number }]>;
    const first = await Promise.race([ready, exited]);
    const [message] = first;
    if (message === null || typeof message !== 'object')
      throw new Error(`the broker ended: ${output.join('')}`);
    const running: Running = {
      process: child,
      ...message,
      connectionString:
        `Endpoint=sb://localhost:${message.amqpPort};SharedAccessKeyName=RootManageSharedAccessKey;` +
        'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;',
      output,
      end: async (signal) => {
        this.running.delete(running);
        child.kill(signal);
        return (await exited)[0];
      },
    };
    this.running.add(running);
    return running;
  }

  producer({ connectionString }: Running, hub = 'orders'): EventHubProducerClient {
    const client = new EventHubProducerClient(connectionString, hub, {
      retryOptions: { maxRetries: 0, timeoutInMs: 4_000 },
    });
    this.clients.add(client);
    return client;
  }

  consumer(
    { connectionString }: Running,
    { hub = 'orders', group = '$Default' } = {},
  ): EventHubConsumerClient {
    const options = { retryOptions: { maxRetries: 0, timeoutInMs: 4_000 } };
    const client = new EventHubConsumerClient(group, connectionString, hub, options);
    this.clients.add(client);
    return client;
  }

  serviceBus({ connectionString }: Running): ServiceBusClient {
    const client = new ServiceBusClient(connectionString, {
      retryOptions: { maxRetries: 0, timeoutInMs: 4_000 },
    });
    this.clients.add(client);
    return client;
  }

  async closeClients(): Promise<void> {
    const clients = [...this.clients];
    this.clients.clear();
    const closed = Promise.allSettled(clients.map((client) => client.close()));
    // A client whose engine was killed in the middle of an attach waits for its operation time-out, a minute.
    await Promise.race([closed, delay(closeWithinMs, undefined, { ref: false })]);
  }

  /** Kills the engines that still run. */
  async endAll(): Promise<void> {
    await Promise.all([...this.running].map((running) => running.end('SIGKILL')));
  }

  async close(): Promise<void> {
    await this.closeClients();
    await this.endAll();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Moves the clock of an engine with CLOCK=virtual. */
export async function moveClock({ httpPort, connectionString }: Running, ms: number): Promise<void> {
  const key = /SharedAccessKey=([^;]+)/.exec(connectionString)?.[1] as string;
  const provider = createSasTokenProvider({
    sharedAccessKeyName: 'RootManageSharedAccessKey',
    sharedAccessKey: key,
  });
  const { token } = await provider.getToken('sb://localhost/');
  const response = await fetch(`http://127.0.0.1:${httpPort}/v1/clock`, {
    method: 'POST',
    headers: { authorization: token },
    body: JSON.stringify({ move: ms }),
  });
  if (!response.ok) throw new Error(`the clock was not moved: ${response.status} ${await response.text()}`);
}

/** One partition as a client sees it: its events as they come, and the error that ended it. */
export class Reading {
  readonly events: ReceivedEventData[] = [];
  readonly errors: (Error & { code?: string })[] = [];
  private readonly waiters = new Set<() => void>();
  private readonly subscription: { close(): Promise<void> };

  constructor(
    client: EventHubConsumerClient,
    partition: string,
    startPosition: EventPosition,
    options: SubscribeOptions = {},
  ) {
    const changed = () => {
      for (const check of this.waiters) check();
    };
    this.subscription = client.subscribe(
      partition,
      {
        processEvents: async (events) => {
          this.events.push(...events);
          changed();
        },
        processError: async (error) => {
          this.errors.push(error);
          changed();
        },
      },
      { startPosition, maxBatchSize: 500, maxWaitTimeInSeconds: 1, ...options },
    );
  }

  /** Waits until the condition holds; the test's own time-out ends it otherwise. */
  async until(condition: (reading: this) => boolean): Promise<this> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        const check = () => {
          this.waiters.delete(check);
          resolve();
        };
        this.waiters.add(check);
      });
    }
    return this;
  }

  bodies(count: number): Promise<unknown[]> {
    return this.until(({ events, errors }) => events.length >= count || errors.length > 0).then(() => {
      if (this.errors[0] !== undefined) throw this.errors[0];
      return this.events.map(({ body }) => body as unknown);
    });
  }

  close(): Promise<void> {
    return this.subscription.close();
  }
}
