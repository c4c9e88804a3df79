// The clock of one run: from the event that `after` others have come before, to the last.

export class Span {
  #seen = 0;
  #from;
  #done;

  /** @param {{ after: number, events: number }} limits the first so many are read while code gets warm, and do not count */
  constructor({ after, events }) {
    this.after = after;
    this.events = events;
    /** @type {Promise<{ events: number, seconds: number, cpu: number }>} cpu: seconds of this process */
    this.done = new Promise((resolve) => (this.#done = resolve));
    if (after === 0) this.#from = now();
  }

  count(/** @type {number} */ events) {
    this.#seen += events;
    if (this.#from === undefined && this.#seen >= this.after) {
      this.after = this.#seen;
      this.#from = now();
    }
    if (this.#seen < this.events) return;
    const { at, cpu } = now();
    const { after, events: all } = this;
    this.#done({ events: all - after, seconds: (at - this.#from.at) / 1000, cpu: cpu - this.#from.cpu });
  }
}

function now() {
  const { user, system } = process.cpuUsage();
  return { at: performance.now(), cpu: (user + system) / 1e6 };
}
