/*
 * Idempotent producers of one partition. A producer numbers its events; the partition takes each number
 * once, in order:
 *
 *   number ≤ last        stored before: acknowledged again, not stored again
 *   number = last + 1    stored
 *   number > last + 1    refused, com.microsoft:out-of-order-sequence
 *
 * Numbers are 31 bits and begin again at 0. An epoch says who may send as a producer: an older one is
 * refused, an equal or newer one takes over (com.microsoft:producer-epoch-stolen for who had it).
 */
const NUMBERS = 2 ** 31;

/** What a client says when it opens a link, each where it has it. */
export interface ProducerClaim {
  readonly id: number | undefined;
  readonly epoch: number | undefined;
  /** The number of its last event that was acknowledged. */
  readonly lastSequence: number | undefined;
}

/** What is remembered of a producer. */
export interface ProducerState {
  readonly id: number;
  readonly epoch: number;
  readonly lastSequence: number;
}

export type ProducerCondition =
  | 'amqp:resource-limit-exceeded'
  | 'com.microsoft:out-of-order-sequence'
  | 'com.microsoft:producer-epoch-stolen';

/** A link or a send that the rules refuse. */
export class ProducerRefused extends Error {
  override readonly name = 'ProducerRefused';
  constructor(
    readonly condition: ProducerCondition,
    message: string,
  ) {
    super(message);
  }
}

interface Known {
  readonly id: number;
  epoch: number;
  /** The last number that is durable. */
  last: number;
  /** One append after the other: what one that fails would have stored is never a gap. */
  tail: Promise<unknown>;
  owner: OpenProducer | undefined;
}

const after = (sequence: number, count: number): number => (sequence + count) % NUMBERS;

/** How far `sequence` is ahead of the next number, -1 = the last one again; the shorter way round. */
function ahead(last: number, sequence: number): number {
  const distance = (sequence - after(last, 1) + NUMBERS) % NUMBERS;
  return distance >= NUMBERS / 2 ? distance - NUMBERS : distance;
}

export class Producers {
  /** The one that was used last stands last. */
  private readonly known = new Map<number, Known>();

  constructor(
    /** How many are remembered; the one that was not used for longest is forgotten first. */
    private readonly max: number,
    private readonly newId: () => number,
  ) {}

  /** Producers with what is durable of them, the one that was used last in the last place. */
  get all(): ProducerState[] {
    return [...this.known.values()].map(({ id, epoch, last }) => ({ id, epoch, lastSequence: last }));
  }

  /** Takes what is known from the disk: of one producer the newest epoch, and in it what comes last. */
  restore({ id, epoch, lastSequence }: ProducerState): void {
    if ((this.known.get(id)?.epoch ?? epoch) > epoch) return;
    this.use({ id, epoch, last: lastSequence, tail: Promise.resolve(), owner: undefined });
    this.forgetOldest();
  }

  /**
   * Opens a producer for a link; `stolen` is called when another link takes it over.
   * @throws ProducerRefused
   */
  open(claim: ProducerClaim, stolen: (error: ProducerRefused) => void): OpenProducer {
    const known = (claim.id !== undefined && this.known.get(claim.id)) || this.begin(claim);
    const epoch = claim.epoch ?? known.epoch;
    if (epoch < known.epoch) throw stolenBy(known);
    if (epoch > known.epoch) {
      known.epoch = epoch;
      // A newer owner may begin its numbers anew; an equal one goes on where the producer stands.
      known.last = claim.lastSequence ?? known.last;
    }
    known.owner?.lose(stolenBy(known));
    // A client that says where it stands is answered that: it numbers a send again that it got no answer for.
    const producer = new OpenProducer(known, claim.lastSequence ?? known.last, stolen, () => this.use(known));
    known.owner = producer;
    this.use(known);
    this.forgetOldest();
    return producer;
  }

  private begin({ id = this.newId(), epoch = 0, lastSequence = 0 }: ProducerClaim): Known {
    if (this.known.size >= this.max && ![...this.known.values()].some(({ owner }) => owner === undefined)) {
      const what = `${this.max} idempotent producers are open on this partition.`;
      throw new ProducerRefused('amqp:resource-limit-exceeded', what);
    }
    return { id, epoch, last: lastSequence, tail: Promise.resolve(), owner: undefined };
  }

  private use(known: Known): void {
    this.known.delete(known.id);
    this.known.set(known.id, known);
  }

  private forgetOldest(): void {
    for (const [id, { owner }] of this.known) {
      if (this.known.size <= this.max) return;
      if (owner === undefined) this.known.delete(id);
    }
  }
}

/** A producer for as long as its link lives. */
export class OpenProducer implements ProducerState {
  readonly id: number;
  readonly epoch: number;

  constructor(
    private readonly known: Known,
    readonly lastSequence: number,
    private readonly stolen: (error: ProducerRefused) => void,
    private readonly used: () => void,
  ) {
    this.id = known.id;
    this.epoch = known.epoch;
  }

  /**
   * Stores events that are numbered from `first` on, without those that are stored already; `store` is told
   * how many to leave out. Settles once all of them are durable.
   * @throws ProducerRefused; what `store` throws: then none of them counts as stored
   */
  append(first: number, count: number, store: (leaveOut: number) => Promise<unknown>): Promise<void> {
    const appended = this.known.tail.then(() => this.appendNext(first, count, store));
    this.known.tail = appended.catch(() => undefined); // whoever sent it is told
    return appended;
  }

  private async appendNext(
    first: number,
    count: number,
    store: (leaveOut: number) => Promise<unknown>,
  ): Promise<void> {
    const { known, epoch } = this;
    if (known.owner !== this) throw stolenBy(known);
    const gap = ahead(known.last, first);
    if (gap > 0) {
      const what = `Producer ${known.id} sends number ${first}; the last one stored is ${known.last}.`;
      throw new ProducerRefused('com.microsoft:out-of-order-sequence', what);
    }
    this.used();
    if (-gap >= count) return;
    await store(-gap);
    if (known.epoch === epoch) known.last = after(first, count - 1);
  }

  close(): void {
    if (this.known.owner === this) this.known.owner = undefined;
  }

  /** Another link takes over. */
  lose(error: ProducerRefused): void {
    this.stolen(error);
  }
}

function stolenBy({ id, epoch }: Known): ProducerRefused {
  const what = `Producer ${id} is open elsewhere with epoch ${epoch}.`;
  return new ProducerRefused('com.microsoft:producer-epoch-stolen', what);
}
