import { readTransfer, TRANSFER } from './frames.mjs';

const WINDOW = 2 ** 31 - 1;

/** Receives settled events, gives credit anew when half of it is used, counts events and bytes. */
export class RawReceiver {
  hot = TRANSFER;
  received = 0;
  bytes = 0;
  #transfers = 0;
  #granted = 0;
  #wanted = Infinity;
  #done = () => undefined;

  /**
   * @param {object} agreed what RawConnection gives to a builder
   * @param {{ credit?: number, onEvent?: () => void }} [options]
   */
  constructor(agreed, { credit = 2000, onEvent } = {}) {
    this.sendFlow = agreed.flow;
    this.credit = credit;
    this.onEvent = onEvent;
  }

  /** Gives the first credit; done when so many events have come. */
  receive(/** @type {number} */ events = Infinity) {
    this.#wanted = events;
    this.#grant();
    return new Promise((done) => (this.#done = done));
  }

  frame(input, at) {
    const { last, payloadBytes } = readTransfer(input, at);
    this.#transfers++;
    this.bytes += payloadBytes;
    if (!last) return;
    this.received++;
    this.onEvent?.();
    if (this.received === this.#wanted) this.#done();
    else if (this.#granted - this.received <= this.credit / 2) this.#grant();
  }

  /** §2.6.7: the credit counts from the events that have come. */
  #grant() {
    const credit = Math.min(this.credit, this.#wanted - this.received);
    this.#granted = this.received + credit;
    this.sendFlow({
      next_incoming_id: this.#transfers >>> 0,
      incoming_window: WINDOW,
      delivery_count: this.received >>> 0,
      link_credit: credit,
    });
  }
}
