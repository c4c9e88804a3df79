import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { portOf } from '../processes/ports.js';

/** What a network does to the connections of a client. */
export interface NetworkFault {
  /** Bytes from the client, or from the server, are held for so long. */
  readonly delayMs?: number;
  /** Every byte is a segment of its own, up to so many a connection; the rest goes as it comes. */
  readonly singleBytes?: number;
  /** What the server says is read and thrown away: the client waits for an answer that was given. */
  readonly swallowAnswers?: boolean;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Half-open for good: whatever becomes of one side, the other does not hear of it. */
  lost: boolean;
}

/**
 * A TCP proxy on a free port of 127.0.0.1 whose faults are switched on and off while connections are open.
 * It reads no further than it can write, so that back-pressure passes through.
 */
export class FaultyProxy {
  private readonly pairs = new Set<Pair>();
  private fault: NetworkFault = {};
  private silent = false;
  private refusing = false;
  /** Connections accepted so far. */
  accepted = 0;
  /** How often a fault has met somebody: connections that were ended, lost or refused, chunks that were held or swallowed. */
  struck = 0;

  private constructor(
    private readonly listener: Server,
    /** Where new connections go; may change while the server is down. */
    public targetPort: number,
  ) {
    listener.on('connection', (client) => this.accept(client));
  }

  static async to(targetPort: number): Promise<FaultyProxy> {
    const listener = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new FaultyProxy(listener, targetPort);
  }

  get port(): number {
    return portOf(this.listener);
  }

  get openConnections(): number {
    return this.pairs.size;
  }

  /** Whether there is a connection that has not been lost. */
  get inUse(): boolean {
    return [...this.pairs].some(({ lost }) => !lost);
  }

  /** From now on, for open connections too; `{}` = none. */
  set(fault: NetworkFault): void {
    this.fault = fault;
  }

  /** Ends every connection with a reset (RST), on both sides. */
  reset(): void {
    for (const pair of this.pairs) {
      if (pair.lost) continue;
      this.struck++;
      end(pair);
    }
  }

  /**
   * Half-open: what is connected now hears nothing more, and is not told, even where the other side gives up; new
   * connections are as ever. As when a firewall forgets them. Answers how many.
   */
  lose(): number {
    let lost = 0;
    for (const pair of this.pairs) {
      if (pair.lost) continue;
      pair.lost = true;
      lost++;
    }
    this.struck += lost;
    return lost;
  }

  /** Nothing passes any more, and neither side is told. `heal` ends these connections with a reset. */
  silence(): void {
    this.silent = true;
  }

  /** New connections are reset at once, until `heal`. */
  refuse(): void {
    this.refusing = true;
  }

  /** No faults any more. Connections that have lost bytes cannot go on: they are reset. */
  heal(): void {
    if (this.silent || this.fault.swallowAnswers === true) this.reset();
    this.fault = {};
    this.silent = false;
    this.refusing = false;
  }

  async close(): Promise<void> {
    for (const pair of this.pairs) end(pair);
    this.listener.close();
    await once(this.listener, 'close');
  }

  private accept(client: Socket): void {
    this.accepted++;
    client.on('error', () => undefined); // 'close' follows and ends the other side
    if (this.refusing) {
      this.struck++;
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: '127.0.0.1', port: this.targetPort, noDelay: true });
    server.on('error', () => undefined);
    const pair: Pair = { client, server, lost: false };
    this.pairs.add(pair);
    const over = () => {
      if (pair.lost && !(client.destroyed && server.destroyed)) return;
      this.pairs.delete(pair);
      end(pair);
    };
    client.once('close', over);
    server.once('close', over);
    void this.pump(pair, client, server, () => pair.lost);
    void this.pump(pair, server, client, () => pair.lost || this.fault.swallowAnswers === true);
  }

  /** Passes bytes on, through whatever fault is set when they come. */
  private async pump(pair: Pair, from: Socket, to: Socket, swallows: () => boolean): Promise<void> {
    let single = 0;
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        const { delayMs = 0, singleBytes = 0 } = this.fault;
        const swallowed = this.silent || swallows();
        if (swallowed || delayMs > 0 || singleBytes > single) this.struck++;
        if (swallowed) continue;
        if (delayMs > 0) await delay(delayMs);
        const alone = Math.min(chunk.length, Math.max(singleBytes - single, 0));
        single += alone;
        for (let i = 0; i < alone; i++) await write(to, chunk.subarray(i, i + 1));
        if (alone < chunk.length) await write(to, chunk.subarray(alone));
      }
      if (!pair.lost) to.end();
    } catch {
      if (!pair.lost) end(pair); // one side is gone: so is the other
    }
  }
}

async function write(to: Socket, bytes: Buffer): Promise<void> {
  if (to.destroyed) throw new Error('the other side is gone');
  if (to.write(bytes)) {
    await new Promise((done) => setImmediate(done));
    return;
  }
  await Promise.race([once(to, 'drain'), once(to, 'close')]);
}

function end({ client, server }: Pair): void {
  for (const socket of [client, server]) if (!socket.destroyed) socket.resetAndDestroy();
}
