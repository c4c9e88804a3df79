import { DISPOSITION, encodeTransfers, readDisposition } from './frames.mjs';

const serial = (/** @type {number} */ id) => id >>> 0;

/**
 * Sends one message again and again, so many at a time, and counts what is accepted. Each message on its way has a
 * slot with bytes of its own, so that nothing is encoded or copied while the clock runs.
 */
export class RawSender {
  hot = DISPOSITION;
  accepted = 0;
  #sent = 0;
  #wanted = 0;
  #done = () => undefined;
  #head = 0;
  #tail = 0;
  #accepts;

  /**
   * @param {object} agreed what RawConnection gives to a builder
   * @param {{ message: Buffer, inFlight: number, onAccepted?: () => void }} options
   */
  constructor(agreed, { message, inFlight, onAccepted }) {
    this.socket = agreed.socket;
    this.credit = agreed.credit;
    this.window = agreed.window;
    this.nextTransferId = 0;
    this.nextDeliveryId = 0;
    this.onAccepted = onAccepted;
    this.transfers = encodeTransfers({ ...agreed, message });
    this.slots = inFlight;
    this.bytes = Buffer.concat(Array.from({ length: inFlight }, () => this.transfers.bytes));
    this.#accepts = new Uint8Array(inFlight);
  }

  /** Sends so many messages; done when all are accepted. */
  send(/** @type {number} */ messages) {
    this.#wanted += messages;
    this.flush();
    return new Promise((done) => (this.#done = done));
  }

  /** A disposition: the messages that it names are durable. */
  frame(input, at) {
    const { first, last, accepted } = readDisposition(input, at);
    if (!accepted) throw new Error('the engine did not accept a message');
    for (let id = first; ; id = serial(id + 1)) {
      const isOnItsWay = serial(id - this.#tail) < this.#head - this.#tail;
      if (!isOnItsWay || this.#accepts[id % this.slots] === 1) {
        throw new Error(`the engine accepted delivery ${id}, which was not on its way`);
      }
      this.#accepts[id % this.slots] = 1;
      this.accepted++;
      this.onAccepted?.();
      if (id === last) break;
    }
    while (this.#tail < this.#head && this.#accepts[this.#tail % this.slots] === 1) {
      this.#accepts[this.#tail++ % this.slots] = 0;
    }
    if (this.accepted === this.#wanted) this.#done();
  }

  /** §2.6.7 and §2.5.6: credit and window as they are once the engine has seen what was sent. */
  flow(fields) {
    this.window = fields.incoming_window - serial(this.nextTransferId - (fields.next_incoming_id ?? 0));
    if (fields.link_credit === undefined || fields.link_credit === null) return;
    this.credit = fields.link_credit - serial(this.nextDeliveryId - (fields.delivery_count ?? 0));
  }

  /** Sends what may be sent now, neighbouring slots in one write. */
  flush() {
    const { bytes, frames, idsAt } = this.transfers;
    while (this.#mayBegin()) {
      const from = this.#head % this.slots;
      let slot = from;
      for (; slot < this.slots && this.#mayBegin(); slot++) {
        for (const at of idsAt) this.bytes.writeUInt32BE(this.nextDeliveryId, slot * bytes.length + at);
        this.nextDeliveryId = serial(this.nextDeliveryId + 1);
        this.nextTransferId = serial(this.nextTransferId + frames);
        this.window -= frames;
        this.credit--;
        this.#head++;
        this.#sent++;
      }
      this.socket.write(this.bytes.subarray(from * bytes.length, slot * bytes.length));
    }
  }

  #mayBegin() {
    const { credit, window, slots, transfers } = this;
    return (
      this.#sent < this.#wanted && this.#head - this.#tail < slots && credit > 0 && window >= transfers.frames
    );
  }
}
