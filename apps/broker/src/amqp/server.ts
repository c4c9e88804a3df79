import { randomUUID } from 'node:crypto';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import tls, { type SecureContextOptions } from 'node:tls';
import { throttled } from '../logging/throttle.js';
import { ClientConnection, type ConnectionOptions } from './connection.js';
import { ConnectionSlots } from './connection-slots.js';
import { ReceiveBudget } from './receive-budget.js';
import { createContainer } from './rhea.js';
import { SendBlocks } from './send-blocks.js';
import { SendBudget } from './send-budget.js';
import { FrameGuard } from './wire/frame-guard.js';
import { GuardedSocket } from './wire/guarded-socket.js';

export interface AmqpServerOptions extends Omit<
  ConnectionOptions,
  'received' | 'warn' | 'authenticated' | 'blocks'
> {
  /** Set: every connection begins with a TLS handshake (AMQP 1.0 §5.2.1 `amqps`). */
  readonly tls?: SecureContextOptions | undefined;
}

/** Accepts AMQP connections, over TLS where there is a certificate. */
export class AmqpServer {
  private readonly slots: ConnectionSlots;
  private readonly connections = new Set<ClientConnection>();
  private readonly container = createContainer(`broker-${randomUUID()}`);

  private readonly received: ReceiveBudget;
  private readonly unsent: SendBudget;
  private readonly blocks = new SendBlocks();
  /** About clients that misbehave. */
  private readonly warn: (message: string) => void;

  private constructor(
    private readonly server: net.Server | tls.Server,
    private readonly options: AmqpServerOptions,
  ) {
    const { limits, log } = options;
    this.received = new ReceiveBudget(limits.maxReceivedBytes, limits.stalledMs);
    this.unsent = new SendBudget(limits.maxUnsentBytes);
    this.warn = throttled((message) => log.warn(message), 5);
    this.slots = new ConnectionSlots(limits.maxConnections, this.warn);
    server.on('connection', (socket: net.Socket) => this.slots.take(socket));
    server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: net.Socket) => {
      if (!socket.destroyed) this.accept(socket);
    });
    server.on('tlsClientError', (error: Error, socket: tls.TLSSocket) => {
      this.warn(`client ${socket.remoteAddress} closed: no TLS handshake (${error.message})`);
      socket.destroy();
    });
  }

  /** @throws NodeJS.ErrnoException EADDRINUSE and its like */
  static async listen(host: string, port: number, options: AmqpServerOptions): Promise<AmqpServer> {
    const handshakeTimeout = options.limits.authenticateMs;
    const server =
      options.tls === undefined ? net.createServer() : tls.createServer({ ...options.tls, handshakeTimeout });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return new AmqpServer(server, options);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  /** Handshakes from now on use this certificate; connections that are open stay. */
  renew(context: SecureContextOptions): void {
    if (this.server instanceof tls.Server) this.server.setSecureContext(context);
  }

  /** Tells every client that the engine goes away and waits until they are gone, a second at most. */
  async close(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    for (const connection of this.connections) {
      connection.close({ condition: 'amqp:connection:forced', description: 'The engine is shutting down.' });
    }
    const cutOff = setTimeout(() => {
      this.slots.destroyAll(); // those still in a TLS handshake
    }, this.options.limits.closeMs);
    await closed;
    clearTimeout(cutOff);
  }

  private accept(socket: net.Socket): void {
    const { limits } = this.options;
    const known = this.slots.knownBy(socket);
    const guarded = new GuardedSocket(
      socket,
      new FrameGuard(limits),
      limits.maxBacklogBytes * 2,
      this.unsent.open(),
    );
    const connection = this.container.create_connection({
      max_frame_size: limits.maxFrameBytes,
      channel_max: limits.channelMax,
      idle_time_out: limits.idleTimeoutMs,
      reconnect: false,
      receiver_options: { autoaccept: false, credit_window: 0, max_message_size: limits.maxMessageBytes },
      sender_options: { snd_settle_mode: 1 },
    } as never);
    const client = new ClientConnection(connection, guarded, {
      ...this.options,
      received: this.received,
      blocks: this.blocks,
      warn: this.warn,
      authenticated: known,
    });
    this.connections.add(client);
    socket.once('close', () => {
      this.connections.delete(client);
      client.gone();
    });
    (connection as unknown as { accept(socket: GuardedSocket): void }).accept(guarded);
  }
}
