import { AmqpServer } from './amqp/server.js';
import { ConfigError } from './config/config-error.js';
import { loadEventHubs } from './config/entities.js';
import { loadServiceBus } from './config/service-bus-entities.js';
import type { BrokerOptions } from './config/options.js';
import { loadTls, type TlsFiles } from './config/tls.js';
import { Engine } from './engine/engine.js';
import { bearerTokens } from './http/bearer-tokens.js';
import { HttpServer } from './http/server.js';
import type { Logger } from './logging/logger.js';

/** The running engine: a data folder, an AMQP port and an HTTP port. */
export class Broker {
  private constructor(
    private readonly engine: Engine,
    private readonly amqp: AmqpServer,
    private readonly http: HttpServer,
    private readonly tlsFiles: TlsFiles | undefined,
  ) {}

  /** @throws ConfigError, FolderLockedError, CorruptLogError: their message is one line for the operator */
  static async start(options: BrokerOptions, log: Logger): Promise<Broker> {
    const hubs = await loadEventHubs(options.configFiles, options.retention);
    const serviceBus = await loadServiceBus(options.configFiles);
    const entities = [...serviceBus.queues, ...serviceBus.topics];
    if (hubs.length + entities.length === 0)
      throw new ConfigError(`${options.configFiles.join(', ')}: no Event Hub, queue or topic is declared`);
    assertNamesDiffer(hubs, entities);
    const { host, amqpPort, httpPort, accessKeys: keys, limits, tls: tlsFiles } = options;
    const tls = tlsFiles && loadTls(tlsFiles);
    const opening = Engine.open(options.dataDir, { hubs, serviceBus }, limits, options.clock.clock, log);
    const engine = await orUnusable(opening, options.dataDir);
    try {
      const context = { engine, keys, limits, log, tls };
      const amqp = await orTaken(AmqpServer.listen(host, amqpPort, context), amqpPort, 'BROKER_AMQP_PORT');
      try {
        const bearer = await bearerTokens(options.tokenIssuer, log);
        const door = {
          ...context,
          bearer,
          movableClock: options.clock.movable,
          connections: () => amqp.connectionCount,
        };
        const http = await orTaken(HttpServer.listen(host, httpPort, door), httpPort, 'BROKER_HTTP_PORT');
        return new Broker(engine, amqp, http, tlsFiles);
      } catch (error) {
        await amqp.close();
        throw error;
      }
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  get amqpPort(): number {
    return this.amqp.port;
  }

  get httpPort(): number {
    return this.http.port;
  }

  get names(): string[] {
    const { all, serviceBus } = this.engine;
    const destinations = [...serviceBus.entities.destinations.values()].map(({ name }) => name);
    return [...all.map(({ name, partitions }) => `${name} (${partitions.length})`), ...destinations];
  }

  /**
   * Reads the certificate and its key anew, for the handshakes from now on; the old ones stay where that fails.
   * @throws ConfigError
   */
  renewCertificate(): void {
    if (this.tlsFiles === undefined) return;
    const context = loadTls(this.tlsFiles);
    this.amqp.renew(context);
    this.http.renew(context);
  }

  /** Closes links and ports, makes what was taken durable, and lets go of the data folder. */
  async stop(): Promise<void> {
    await Promise.all([this.amqp.close(), this.http.close()]);
    await this.engine.close();
  }
}

/** An address names one thing. */
function assertNamesDiffer(hubs: readonly { name: string }[], entities: readonly { name: string }[]): void {
  const names = new Set(hubs.map(({ name }) => name.toLowerCase()));
  const twice = entities.find(({ name }) => names.has(name.toLowerCase()));
  if (twice !== undefined)
    throw new ConfigError(`'${twice.name}' is declared as an Event Hub and as a queue or topic`);
}

/** What the disk, or the rights on it, refuse is the operator's to mend. */
async function orUnusable<T>(opening: Promise<T>, folder: string): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new ConfigError(
      `${folder} cannot be used (${message}); --data or BROKER_DATA_DIR chooses another folder`,
    );
  }
}

async function orTaken<T>(listening: Promise<T>, port: number, variable: string): Promise<T> {
  try {
    return await listening;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new ConfigError(`port ${port} is taken; ${variable} chooses another`);
    throw new ConfigError(`port ${port} (${variable}): ${message}`);
  }
}
