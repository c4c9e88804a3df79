import net from 'node:net';
import { once } from 'node:events';

const CR_LF = Buffer.from('\r\n');
const CR = 0x0d;
const MINUS = 0x2d;
const [BULK, ARRAY, NUMBER, TEXT] = Buffer.from('$*:+');

/** A command as Redis reads it: an array of bulk strings. */
export function encodeCommand(...parts) {
  const pieces = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CR_LF);
  }
  return Buffer.concat(pieces);
}

/** The same of ASCII text only, which is quicker where it is long. */
export function encodeText(/** @type {string[]} */ parts) {
  let text = `*${parts.length}\r\n`;
  for (const part of parts) text += `$${part.length}\r\n${part}\r\n`;
  return text;
}

/** Bytes from which text is only counted: an event's body would cost more here than in the server. */
const LONG = 256;

function numberIn(/** @type {Buffer} */ input, from, to) {
  const negative = input[from] === MINUS;
  let value = 0;
  for (let at = negative ? from + 1 : from; at < to; at++) value = value * 10 + input[at] - 0x30;
  return negative ? -value : value;
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

  /** Sends a command; its reply: text, a number, null, or an array of those; of long text its length. */
  command(...parts) {
    return Promise.race([new Promise((reply) => this.write(encodeCommand(...parts), [reply])), this.failed]);
  }

  /** Sends encoded commands; each reply goes to a callback of its own. */
  write(/** @type {Buffer | string} */ commands, callbacks) {
    this.#waiting.push(...callbacks);
    this.socket.write(commands, 'latin1');
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
  #value(/** @type {Buffer} */ input, at) {
    let lineEnd = at + 1;
    while (lineEnd < input.length && input[lineEnd] !== CR) lineEnd++;
    const next = lineEnd + 2;
    if (input.length < next) return at;
    switch (input[at]) {
      case BULK:
        return this.#bulk(input, at, next, numberIn(input, at + 1, lineEnd));
      case ARRAY: {
        const left = numberIn(input, at + 1, lineEnd);
        if (left > 0) this.#open.push({ items: [], left });
        return left > 0 ? next : this.#put(left === 0 ? [] : null, next);
      }
      case NUMBER:
        return this.#put(numberIn(input, at + 1, lineEnd), next);
      case TEXT:
        return this.#put(input.latin1Slice(at + 1, lineEnd), next);
      default:
        this.#failed(new Error(`Redis: ${input.latin1Slice(at + 1, lineEnd)}`));
        return at;
    }
  }

  #bulk(input, at, from, length) {
    if (length < 0) return this.#put(null, from);
    const end = from + length;
    if (input.length < end + 2) return at;
    return this.#put(length < LONG ? input.latin1Slice(from, end) : length, end + 2);
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
