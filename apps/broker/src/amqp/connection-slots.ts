import type { Socket } from 'node:net';

/** What tells a connection from all others: a TLS socket and the TCP socket under it give the same. */
const nameOf = ({ remoteAddress, remotePort, localAddress }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress}`;

/**
 * Who may be connected. When all slots are taken, a new connection gets that of the oldest one without a
 * token, so strangers cannot keep those out that have one; where all have one, it is hung up on.
 */
export class ConnectionSlots {
  /** Every socket, those in a handshake too. */
  private readonly sockets = new Set<Socket>();
  /** Those without a token, the oldest first. */
  private readonly strangers = new Map<string, Socket>();

  constructor(
    private readonly max: number,
    private readonly warn: (message: string) => void,
  ) {}

  take(socket: Socket): void {
    if (this.sockets.size >= this.max && !this.makeRoom()) {
      this.warn(`client ${socket.remoteAddress} refused: ${this.max} connections are open`);
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    this.sockets.add(socket);
    this.strangers.set(name, socket);
    socket.once('close', () => {
      this.sockets.delete(socket);
      if (this.strangers.get(name) === socket) this.strangers.delete(name);
    });
  }

  /** What to call once the client of a socket, or of a TLS socket on it, has put a valid token. */
  knownBy(socket: Socket): () => void {
    const name = nameOf(socket);
    return () => void this.strangers.delete(name);
  }

  destroyAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private makeRoom(): boolean {
    const [oldest] = this.strangers;
    if (oldest === undefined) return false;
    const [name, socket] = oldest;
    this.warn(`client ${socket.remoteAddress} closed: ${this.max} connections are open, it has no token`);
    this.strangers.delete(name);
    this.sockets.delete(socket);
    socket.destroy();
    return true;
  }
}
