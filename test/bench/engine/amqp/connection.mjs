// A raw AMQP connection to the engine. rhea says hello (SASL, open, token, begin, attach: cold), then the socket
// is taken from it and transfers, dispositions and flows are this folder's own bytes. A generator that let rhea
// encode each event would measure rhea: it takes several times the processor time of the engine.
// rhea is kept to apps/broker by `.dependency-cruiser.cjs`; test/ is the one other place that may have it.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import rhea from 'rhea';
import { DETACH, FLOW, performativeOf } from './frames.mjs';

const codec = createRequire(import.meta.url)('rhea/lib/frames.js');
const MAX_FRAME_BYTES = 65_536;

/** A SAS token for everything, as the emulator's connection string gives it. */
function sasToken() {
  const resource = encodeURIComponent('sb://localhost/');
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const signature = createHmac('sha256', 'SAS_KEY_VALUE').update(`${resource}\n${expires}`).digest('base64');
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expires}&skn=RootManageSharedAccessKey`;
}

/** Waits for an event of a link, or throws what the engine refuses it with. */
async function opened(link, event) {
  const refused = ['sender_error', 'receiver_error'].map((name) =>
    once(link, name).then(() => {
      throw new Error(`the engine refused ${link.source?.address ?? link.target?.address}: ${link.error}`);
    }),
  );
  await Promise.race([once(link, event), ...refused]);
}

export class RawConnection {
  /** What takes a frame, by the peer's channel: each link has a session of its own, as the Azure clients do it. */
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

  /** Connects and puts a token; opens nothing else. */
  static async connect(/** @type {number} */ port) {
    const connection = rhea.create_container().connect({
      host: '127.0.0.1',
      port,
      reconnect: false,
      tcp_no_delay: true,
      max_frame_size: MAX_FRAME_BYTES,
    });
    await once(connection, 'connection_open');
    const replies = connection.open_receiver({ source: '$cbs', target: { address: 'replies' } });
    const requests = connection.open_sender('$cbs');
    await Promise.all([opened(requests, 'sendable'), opened(replies, 'receiver_open')]);
    const answered = once(replies, 'message');
    requests.send({
      message_id: 'token',
      reply_to: 'replies',
      application_properties: {
        operation: 'put-token',
        type: 'servicebus.windows.net:sastoken',
        name: 'sb://localhost/',
      },
      body: sasToken(),
    });
    const [{ message }] = await answered;
    const status = message.application_properties['status-code'];
    if (status !== 202) throw new Error(`the engine answered ${status} to the token`);
    return new RawConnection(connection);
  }

  /**
   * Opens a link by which to send; `build` makes its RawSender from what was agreed, once `takeOver` is called.
   * @param {string} address `hub/Partitions/n`
   */
  async openSender(address, build) {
    const session = this.rhea.create_session();
    session.begin();
    const link = session.open_sender({ target: { address } });
    await opened(link, 'sendable');
    this.#opening.push({ session, link, build, credit: link.credit });
  }

  /**
   * Opens a link by which to receive; credit is the RawReceiver's to give.
   * @param {string} address `hub/ConsumerGroups/group/Partitions/n`
   * @param {number | '@latest'} after sequence number
   */
  async openReceiver(address, after, build) {
    const session = this.rhea.create_session();
    session.begin();
    const name = after === '@latest' ? 'offset' : 'sequence-number';
    const selector = `amqp.annotation.x-opt-${name} > '${after}'`;
    const filter = rhea.types.wrap_described(selector, 0x468c00000004);
    const link = session.open_receiver({
      source: { address, filter: { 'apache.org:selector-filter:string': filter } },
      credit_window: 0,
    });
    await opened(link, 'receiver_open');
    this.#opening.push({ session, link, build });
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
    return this.#opening.splice(0).map(({ session, link, build, credit }) => {
      const window = session.outgoing.remote_window;
      const own = { channel: session.local.channel, handle: link.local.handle, credit, window };
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
