import net from 'node:net';
import type { AddressInfo } from 'node:net';

/** Stands between a client and the engine, and can keep the engine's answers to itself. */
export class SwallowingProxy {
  private swallowing = false;
  private readonly pairs = new Set<{ client: net.Socket; engine: net.Socket }>();

  private constructor(
    private readonly server: net.Server,
    /** Where the engine listens; may change while it is down. */
    public enginePort: number,
  ) {
    server.on('connection', (client) => this.connect(client));
  }

  static async start(enginePort: number): Promise<SwallowingProxy> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SwallowingProxy(server, enginePort);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on nothing the engine says on the open connections reaches a client. */
  swallow(): void {
    this.swallowing = true;
  }

  /** Cuts every connection; new ones are passed on as they come. */
  cut(): void {
    for (const { client, engine } of this.pairs) {
      client.destroy();
      engine.destroy();
    }
    this.swallowing = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((done) => this.server.close(done));
  }

  private connect(client: net.Socket): void {
    const engine = net.connect(this.enginePort, '127.0.0.1');
    const pair = { client, engine };
    this.pairs.add(pair);
    client.on('data', (bytes) => engine.write(bytes));
    engine.on('data', (bytes) => {
      if (!this.swallowing) client.write(bytes);
    });
    const end = () => {
      this.pairs.delete(pair);
      client.destroy();
      engine.destroy();
    };
    for (const socket of [client, engine]) socket.on('close', end).on('error', end);
  }
}
