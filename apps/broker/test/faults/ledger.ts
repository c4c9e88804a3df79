/** What a reader was shown of one event. */
export interface Shown {
  readonly offset: number;
  readonly sequenceNumber: number;
  readonly token: string;
}

/**
 * What is known of one partition from outside: what was sent, what of it was acknowledged, and what readers were
 * shown. Every reading from the start is held against it.
 */
export class Ledger {
  private readonly order = new Map<string, number>();
  private readonly acknowledged = new Set<string>();
  /** What readings have shown, by offset: it was durable then, so it must be there ever after. */
  private readonly shown = new Map<number, Shown>();
  /** Where the newest reading of a partition that expires began. */
  private begin = 0;

  /** @param repeats whether a sender that learnt of no answer may have sent again: an event may stand twice */
  constructor(private readonly repeats = false) {}

  get acknowledgedCount(): number {
    return this.acknowledged.size;
  }

  sent(token: string): void {
    if (!this.order.has(token)) this.order.set(token, this.order.size);
  }

  /** @throws Error when it was not sent: the test itself is wrong */
  accepted(token: string): void {
    if (!this.order.has(token)) throw new Error(`'${token}' was accepted and never sent`);
    this.acknowledged.add(token);
  }

  /**
   * The same for a partition whose oldest events may go: those before the first that is there are not missed any
   * more, and none of them may come back.
   */
  checkExpiring(reading: readonly Shown[]): string[] {
    const first = reading[0];
    if (first === undefined) return ['everything is gone'];
    const place = this.order.get(first.token) ?? 0;
    for (const token of this.acknowledged)
      if ((this.order.get(token) as number) < place) this.acknowledged.delete(token);
    for (const offset of this.shown.keys()) if (offset < first.offset) this.shown.delete(offset);
    const wentBack = first.offset < this.begin ? [`the begin went back to ${first.offset}`] : [];
    this.begin = first.offset;
    return [...wentBack, ...this.check(reading)];
  }

  /** Holds a reading of the whole partition against what is known; answers what is wrong, a line each. */
  check(reading: readonly Shown[]): string[] {
    const wrong = [...this.wrongOrder(reading)];
    const there = new Map(reading.map((event) => [event.offset, event]));
    for (const [offset, before] of this.shown) {
      const now = there.get(offset);
      if (now === undefined) wrong.push(`'${before.token}' was shown at ${offset} and is gone`);
      else if (now.token !== before.token || now.sequenceNumber !== before.sequenceNumber)
        wrong.push(`offset ${offset} held '${before.token}' and holds '${now.token}' now`);
    }
    const tokens = new Set(reading.map(({ token }) => token));
    for (const token of this.acknowledged)
      if (!tokens.has(token)) wrong.push(`'${token}' was acknowledged and is lost`);
    for (const event of reading) this.shown.set(event.offset, event);
    return wrong;
  }

  private *wrongOrder(reading: readonly Shown[]): Generator<string> {
    const seen = new Set<string>();
    let offset = -1;
    let last = -1;
    for (const [i, event] of reading.entries()) {
      const first = reading[0]?.sequenceNumber ?? 0;
      if (event.sequenceNumber !== first + i)
        yield `sequence number ${event.sequenceNumber} stands where ${first + i} should`;
      if (event.offset <= offset) yield `offset ${event.offset} comes after ${offset}`;
      offset = event.offset;
      const place = this.order.get(event.token);
      if (place === undefined) yield `'${event.token}' was never sent`;
      else if (seen.has(event.token)) {
        if (!this.repeats) yield `'${event.token}' is there twice`;
      } else {
        if (place < last) yield `'${event.token}' comes after an event that was sent later`;
        last = place;
      }
      seen.add(event.token);
    }
  }
}
