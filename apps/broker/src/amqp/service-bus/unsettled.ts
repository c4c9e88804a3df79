import { Dispositions } from '../dispositions.js';
import { encoders, sessionOf, type AmqpError, type Session } from '../rhea.js';
import type { Settlement } from '../../service-bus/receiving.js';
import { settlementIn } from './outcomes.js';

/** What a client says about deliveries that it got (§2.7.6). */
export interface Disposition {
  readonly first: number;
  readonly last: number;
  readonly settled: boolean;
  readonly state: unknown;
}

/** Settles what a delivery stands for. @throws what the client is told */
export type Settle = (how: Settlement) => Promise<void>;

/** The deliveries of one session that its client has not settled, over all of its links. */
export class UnsettledDeliveries {
  private readonly settles = new Map<number, Settle>();
  private readonly accepted: Dispositions;

  constructor(
    private readonly session: Session,
    write: (bytes: Buffer) => void,
    private readonly errorOf: (error: unknown) => AmqpError,
  ) {
    this.accepted = new Dispositions(session, write, 'sender');
  }

  add(deliveryId: number, settle: Settle): void {
    this.settles.set(deliveryId, settle);
  }

  drop(deliveryId: number): void {
    this.settles.delete(deliveryId);
  }

  /** A client names a range of ids, however long: only those that are out are looked at. */
  take(disposition: Disposition): void {
    const { first, last } = disposition;
    const count = ((last - first) >>> 0) + 1;
    if (count <= this.settles.size) {
      for (let i = 0; i < count; i++) this.takeOne((first + i) >>> 0, disposition);
      return;
    }
    for (const id of this.settles.keys()) if ((id - first) >>> 0 < count) this.takeOne(id, disposition);
  }

  private takeOne(id: number, { state, settled }: Disposition): void {
    const settle = this.settles.get(id);
    if (settle === undefined) return;
    const how = settlementIn(state);
    if (how === undefined) {
      if (settled) this.settles.delete(id); // settled without an outcome: the lock will expire
      return;
    }
    this.settles.delete(id);
    void this.answer(id, how, settle(how), settled);
  }

  private async answer(
    id: number,
    { kind }: Settlement,
    done: Promise<void>,
    settled: boolean,
  ): Promise<void> {
    try {
      await done;
      if (settled) return;
      if (kind === 'complete') this.accepted.accept(id);
      else this.say(id, outcomes[kind]());
    } catch (error) {
      if (!settled) this.say(id, encoders.rejected({ error: { ...this.errorOf(error) } }).described());
    }
  }

  private say(id: number, state: unknown): void {
    if (!this.session.is_open()) return;
    const fields = { role: false, first: id, last: id, settled: true, state };
    sessionOf(this.session).output(encoders.disposition(fields));
  }
}

/** The state that each was settled with; a rejected one without its error, which a client would take for a refusal. */
const outcomes = {
  abandon: () => encoders.modified({ delivery_failed: false }).described(),
  release: () => encoders.released({}).described(),
  defer: () => encoders.modified({ undeliverable_here: true }).described(),
  deadLetter: () => encoders.rejected({}).described(),
};
