import { randomUUID } from 'node:crypto';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { throttled } from '../logging/throttle.js';
import { ClientConnection, type ConnectionOptions } from './connection.js';
import { createContainer } from './rhea.js';
import { FrameGuard } from './wire/frame-guard.js';
import { GuardedSocket } from './wire/guarded-socket.js';

/** Accepts AMQP connections. */
export class AmqpServer {
  private readonly connections = new Map<ClientConnection, net.Socket>();
  private readonly container = createContainer(`broker-${randomUUID()}`);

  /** About clients that misbehave. */
  private readonly warn: (message: string) => void;

  private constructor(
    private readonly server: net.Server,
    private readonly options: Omit<ConnectionOptions, 'warn'>,
  ) {
    this.warn = throttled((message) => options.log.warn(message), 5);
    server.on('connection', (socket) => this.accept(socket));
  }

  /** @throws NodeJS.ErrnoException EADDRINUSE and its like */
  static async listen(
    host: string,
    port: number,
    options: Omit<ConnectionOptions, 'warn'>,
  ): Promise<AmqpServer> {
    const server = net.createServer();
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

  /** Tells every client that the engine goes away and waits until they are gone, a second at most. */
  async close(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    for (const connection of this.connections.keys()) {
      connection.close({ condition: 'amqp:connection:forced', description: 'The engine is shutting down.' });
    }
    await closed;
  }

  private accept(socket: net.Socket): void {
    const { limits } = this.options;
    if (this.connections.size >= limits.maxConnections) {
      this.warn(`client ${socket.remoteAddress} refused: ${limits.maxConnections} connections are open`);
      socket.destroy();
      return;
    }
    const guarded = new GuardedSocket(socket, new FrameGuard(limits));
    const connection = this.container.create_connection({
      max_frame_size: limits.maxFrameBytes,
      channel_max: limits.channelMax,
      idle_time_out: limits.idleTimeoutMs,
      reconnect: false,
      receiver_options: { autoaccept: false, credit_window: 0, max_message_size: limits.maxMessageBytes },
      sender_options: { snd_settle_mode: 1 },
    } as never);
    const client = new ClientConnection(connection, guarded, { ...this.options, warn: this.warn });
    this.connections.set(client, socket);
    socket.once('close', () => {
      this.connections.delete(client);
      client.gone();
    });
    (connection as unknown as { accept(socket: GuardedSocket): void }).accept(guarded);
  }
}
