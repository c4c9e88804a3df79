import { AmqpServer } from './amqp/server.js';
import { ConfigError } from './config/config-error.js';
import { loadEventHubs } from './config/entities.js';
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
    if (hubs.length === 0)
      throw new ConfigError(`${options.configFiles.join(', ')}: no Event Hub is declared`);
    const { host, amqpPort, httpPort, accessKeys: keys, limits, tls: tlsFiles } = options;
    const tls = tlsFiles && loadTls(tlsFiles);
    const engine = await Engine.open(options.dataDir, hubs, limits, log);
    try {
      const context = { engine, keys, limits, log, tls };
      const amqp = await orTaken(AmqpServer.listen(host, amqpPort, context), amqpPort, 'BROKER_AMQP_PORT');
      try {
        const bearer = await bearerTokens(options.tokenIssuer, log);
        const door = { ...context, bearer, connections: () => amqp.connectionCount };
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

  get hubNames(): string[] {
    return this.engine.all.map(({ name, partitions }) => `${name} (${partitions.length})`);
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

async function orTaken<T>(listening: Promise<T>, port: number, variable: string): Promise<T> {
  try {
    return await listening;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new ConfigError(`port ${port} is taken; ${variable} chooses another`);
    throw new ConfigError(`port ${port} (${variable}): ${message}`);
  }
}
