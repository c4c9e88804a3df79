import net from 'node:net';
import { once } from 'node:events';

const CR_LF = Buffer.from('\r\n');

/** A command as Redis reads it: an array of bulk strings. */
export function encodeCommand(...parts) {
  const pieces = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CR_LF);
  }
  return Buffer.concat(pieces);
}

/** A connection to Redis that pipelines: replies come in the order of the commands. */
export class RespConnection {
  #waiting = [];
  #rest = Buffer.alloc(0);
  /** Arrays that are not whole yet, the outermost first. */
  #open = [];
  #failed = () => undefined;
  failed = new Promise((_, reject) => (this.#failed = reject));

  constructor(/** @type {net.Socket} */ socket) {
    this.socket = socket;
    this.failed.catch(() => undefined); // whoever waits for something races it with this
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', this.#failed);
    socket.on('close', () => this.#failed(new Error('Redis closed the connection')));
  }

  static async connect(/** @type {number} */ port) {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RespConnection(socket);
  }

  /** Sends a command; its reply: text, a number, null, or an array of those. A bulk string is a Buffer from 256 bytes on. */
  command(...parts) {
    return Promise.race([new Promise((reply) => this.write(encodeCommand(...parts), [reply])), this.failed]);
  }

  /** Sends encoded commands; each reply goes to a callback of its own. */
  write(/** @type {Buffer} */ commands, callbacks) {
    this.#waiting.push(...callbacks);
    this.socket.write(commands);
  }

  close() {
    this.socket.destroy();
  }

  #receive(/** @type {Buffer} */ chunk) {
    const input = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (let next = this.#value(input, at); next > at; next = this.#value(input, at)) at = next;
    this.#rest = input.subarray(at);
  }

  /** Reads the value at `at`; answers where it ends, or `at` when it is not whole yet. */
  #value(input, at) {
    const lineEnd = input.indexOf(CR_LF, at);
    if (lineEnd === -1) return at;
    const text = input.latin1Slice(at + 1, lineEnd);
    const next = lineEnd + 2;
    switch (input[at]) {
      case 0x24: {
        const length = Number(text); // $
        if (length < 0) return this.#put(null, next);
        if (input.length < next + length + 2) return at;
        const bytes = input.subarray(next, next + length);
        return this.#put(length < 256 ? bytes.latin1Slice() : bytes, next + length + 2);
      }
      case 0x2a: // *
        if (Number(text) <= 0) return this.#put(Number(text) === 0 ? [] : null, next);
        this.#open.push({ items: [], left: Number(text) });
        return next;
      case 0x3a: // :
        return this.#put(Number(text), next);
      case 0x2b: // +
        return this.#put(text, next);
      default:
        this.#failed(new Error(`Redis: ${text}`));
        return at;
    }
  }

  /** Puts a whole value where it belongs: into the array that is open, or to whoever waits. */
  #put(value, next) {
    let whole = value;
    for (let array = this.#open.at(-1); array !== undefined; array = this.#open.at(-1)) {
      array.items.push(whole);
      if (--array.left > 0) return next;
      whole = this.#open.pop().items;
    }
    this.#waiting.shift()(whole);
    return next;
  }
}
