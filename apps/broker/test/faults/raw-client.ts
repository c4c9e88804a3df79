import { createRequire } from 'node:module';
import { once } from 'node:events';
import net from 'node:net';
import rhea from 'rhea';
import { putToken, sasToken } from './amqp-client.js';

interface Frames {
  write_frame(frame: { channel: number; type: number; performative: unknown; payload?: Buffer }): Buffer;
}
type Performatives = Record<string, (fields: unknown) => unknown>;
const frames = createRequire(import.meta.url)('rhea/lib/frames.js') as Frames & Performatives;

/** The frame of a performative, for example `amqp('open', { container_id: 'x' })`. */
export const amqp = (
  name: string,
  fields: unknown,
  { channel = 0, payload }: { channel?: number; payload?: Buffer } = {},
) =>
  frames.write_frame({ channel, type: 0, performative: frames[name]?.(fields), ...(payload && { payload }) });

const terminus = (address: string, descriptor: number) =>
  rhea.types.wrap_described([rhea.types.wrap_string(address)], descriptor);

export const header = Buffer.from('AMQP\0\x01\0\0', 'latin1');
export const saslHeader = Buffer.from('AMQP\x03\x01\0\0', 'latin1');
export const open = amqp('open', { container_id: 'stranger' });
export const begin = (channel = 0) =>
  amqp('begin', { next_outgoing_id: 0, incoming_window: 2_000, outgoing_window: 2_000 }, { channel });
/** The client sends on this link. */
export const attachSender = (handle: number, address: string, { name = `s${handle}`, channel = 0 } = {}) => {
  const fields = { name, handle, role: false, initial_delivery_count: 0, target: terminus(address, 0x29) };
  return amqp('attach', fields, { channel });
};
/** The client receives on this link. */
export const attachReceiver = (
  handle: number,
  address: string,
  { name = `r${handle}`, channel = 0 } = {},
) => {
  const ends = { source: terminus(address, 0x28), target: terminus(name, 0x29) };
  return amqp('attach', { name, handle, role: true, ...ends }, { channel });
};
export const detach = (handle: number) => amqp('detach', { handle, closed: true });
/** Credit for a link, and a session window that does not end. */
export const flow = (handle: number | undefined, credit: number, more: object = {}) =>
  amqp('flow', {
    next_incoming_id: 0,
    incoming_window: 2 ** 31 - 1,
    next_outgoing_id: 0,
    outgoing_window: 2 ** 31 - 1,
    ...(handle !== undefined && { handle, delivery_count: 0, link_credit: credit }),
    ...more,
  });
export const transfer = (handle: number, id: number, payload: Buffer, more: object = {}) => {
  const fields = {
    handle,
    delivery_id: id,
    delivery_tag: Buffer.from(String(id)),
    message_format: 0,
    ...more,
  };
  return amqp('transfer', fields, { payload });
};
/** An event as the wire has it. */
export const event = (body: string): Buffer =>
  rhea.message.encode({ body: rhea.message.data_section(Buffer.from(body)) });

/** Handles 0 and 1 of channel 0 put a token for everything; an answer comes for it. */
export const authenticate = Buffer.concat([
  begin(),
  attachReceiver(0, '$cbs', { name: 'cbs-reply' }),
  attachSender(1, '$cbs'),
  flow(0, 10),
  transfer(1, 0, rhea.message.encode(putToken(sasToken(), 'cbs-reply'))),
]);

/** A socket, and nobody who keeps to the protocol. */
export class RawClient {
  heardBytes = 0;
  private tail = '';
  private readonly listeners = new Set<() => void>();

  private constructor(readonly socket: net.Socket) {
    socket.on('error', () => undefined); // a reset is an answer too: 'close' follows
    socket.on('data', (chunk: Buffer) => {
      this.heardBytes += chunk.length;
      this.tail = (this.tail + chunk.toString('latin1')).slice(-8_192);
      for (const listener of this.listeners) listener();
    });
    socket.on('close', () => {
      for (const listener of this.listeners) listener();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new RawClient(socket);
    await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()));
    return client;
  }

  /** Connected, and a token put: the connection may stay. */
  static async authenticated(port: number): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.say(header, open, authenticate);
    await client.hears('Accepted');
    return client;
  }

  say(...bytes: Buffer[]): void {
    if (this.socket.writable) this.socket.write(Buffer.concat(bytes));
  }

  /** The newest of what the engine said, byte by byte. */
  get heard(): string {
    return this.tail;
  }

  /** Waits for the engine to say it; fails when it hangs up first. */
  async hears(text: string): Promise<void> {
    await this.until(() => this.tail.includes(text) || this.socket.destroyed);
    if (!this.tail.includes(text))
      throw new Error(`hung up on before '${text}' was heard: ${this.tail.slice(-300)}`);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const check = () => {
          this.listeners.delete(check);
          resolve();
        };
        this.listeners.add(check);
      });
    }
  }

  async close(): Promise<void> {
    if (this.socket.destroyed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }
}
