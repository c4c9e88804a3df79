// A raw AMQP connection to the engine. rhea says hello, then the socket is taken from it: transfers, dispositions and
// flows are this folder's own bytes. A generator that let rhea encode each event would measure rhea, which takes several
// times the processor time of the engine.
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { DETACH, FLOW, performativeOf } from './frames.mjs';
import { attachReceiver, attachSender, connectWithToken, MAX_FRAME_BYTES } from './handshake.mjs';

const codec = createRequire(import.meta.url)('rhea/lib/frames.js');

export class RawConnection {
  /** What takes a frame, by the peer's channel: each link has a session of its own. */
  #links = new Map();
  #opening = [];
  #rest = Buffer.alloc(0);
  #failed = () => undefined;
  /** Rejects when the connection breaks. */
  failed = new Promise((_, reject) => (this.#failed = reject));

  constructor(rheaConnection) {
    this.rhea = rheaConnection;
    this.failed.catch(() => undefined); // whoever waits for something races it with this
  }

  static async connect(/** @type {number} */ port) {
    return new RawConnection(await connectWithToken(port));
  }

  /**
   * Opens a link by which to send; `build` makes its RawSender from what was agreed, once `takeOver` is called.
   * @param {string} address `hub/Partitions/n`
   */
  async openSender(address, build) {
    this.#opening.push({ ...(await attachSender(this.rhea, address)), build });
  }

  /**
   * Opens a link by which to receive; credit is the RawReceiver's to give.
   * @param {string} address `hub/ConsumerGroups/group/Partitions/n`
   * @param {number | '@latest'} after sequence number
   */
  async openReceiver(address, after, build) {
    this.#opening.push({ ...(await attachReceiver(this.rhea, address, after)), build });
  }

  /** From here on the socket is not rhea's any more (but for its heartbeats). Answers what the builders built. */
  async takeOver() {
    await setImmediate(); // what rhea has still to write goes out first
    const { rhea: connection } = this;
    const { socket } = connection;
    if (connection.previous_input) throw new Error('half a frame lay in rhea when the socket was taken over');
    socket.removeAllListeners('data');
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('close', () => this.#failed(new Error('the engine closed the connection')));
    const maxFrameBytes = Math.min(connection.max_frame_size ?? MAX_FRAME_BYTES, MAX_FRAME_BYTES);
    return this.#opening.splice(0).map(({ session, link, build }) => {
      const window = session.outgoing.remote_window;
      const own = { channel: session.local.channel, handle: link.local.handle, credit: link.credit, window };
      const raw = build({ ...own, maxFrameBytes, socket, flow: (fields) => this.#flow(own, fields) });
      this.#links.set(session.remote.channel, raw);
      return raw;
    });
  }

  close() {
    clearTimeout(this.rhea.heartbeat_out); // rhea ends it by itself only when the peer says goodbye
    this.rhea.socket.destroy();
  }

  #flow({ channel, handle }, fields) {
    const flow = { next_outgoing_id: 0, outgoing_window: 2 ** 31 - 1, handle, ...fields };
    this.rhea.socket.write(codec.write_frame({ channel, type: 0, performative: codec.flow(flow) }));
  }

  #receive(/** @type {Buffer} */ chunk) {
    try {
      const input = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      let at = 0;
      while (input.length - at >= 8) {
        const end = at + input.readUInt32BE(at);
        if (end > input.length) break;
        this.#frame(input, at, end);
        at = end;
      }
      this.#rest = input.subarray(at);
      for (const link of this.#links.values()) link.flush?.();
    } catch (error) {
      this.#failed(error);
      this.close();
    }
  }

  #frame(input, at, end) {
    const performative = performativeOf(input, at);
    if (performative === 0) return; // the engine is alive, nothing else
    const link = this.#links.get(input.readUInt16BE(at + 6));
    if (link?.hot === performative) {
      link.frame(input, at);
      return;
    }
    const fields = codec.read_frame(input.subarray(at, end)).performative;
    if (performative === FLOW) link?.flow?.(fields);
    else if (performative >= DETACH) throw new Error(`the engine closed: ${fields.error?.description ?? ''}`);
  }
}
