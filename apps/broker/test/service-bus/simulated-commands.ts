import { VirtualClock } from '@app/clock';
import type { Random } from '@app/testing';
import type { SimulatedDisk } from '../../../../libs/partition-log/test-support/simulation/simulated-disk.js';
import { readServiceBus } from '../../src/config/service-bus-entities.js';
import {
  receiveAndDelete,
  receiveDeferred,
  receiveLocked,
  settle,
  type Settlement,
} from '../../src/service-bus/receiving.js';
import type { MessageQueue } from '../../src/service-bus/message-queue.js';
import { send, type NewMessage } from '../../src/service-bus/sending.js';
import { ServiceBus } from '../../src/service-bus/service-bus.js';

const config = readServiceBus(
  {
    Namespaces: [
      {
        Name: 'n',
        Queues: [
          {
            Name: 'q',
            Properties: { MaxDeliveryCount: 3, LockDuration: 'PT1S', RequiresDuplicateDetection: true },
          },
        ],
      },
    ],
  },
  'simulation',
);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function openBus(fileSystem: SimulatedDisk, clock: VirtualClock): Promise<ServiceBus> {
  const sizes = {
    segmentBytes: 1_000,
    maxPendingBytes: 1e6,
    tailCacheBytes: 0,
    maxMessageIds: 10_000,
    maxMessages: 10_000,
  };
  return ServiceBus.open({ folder: '/bus', fileSystem, config, clock, log: silent, ...sizes });
}

/** What a message may look like; `*` at the end stands for any lock token. */
type Look = string;
const GONE = 'gone';

/** What was asked of a queue and what it answered: by message, the looks that a recovered queue may have for it. */
export class Expected {
  constructor(
    private readonly looks = new Map<string, readonly Look[]>(),
    /** Messages that were sent together and not acknowledged: there as a whole or not at all. */
    private readonly together = new Set<readonly string[]>(),
  ) {}

  copy(): Expected {
    return new Expected(new Map(this.looks), new Set(this.together));
  }

  get atStake(): number {
    let count = 0;
    for (const looks of this.looks.values()) if (!looks.includes(GONE)) count++;
    return count;
  }

  /** An operation begins; answers how it ends. */
  begin(
    ids: readonly string[],
    next: Look,
    batch = false,
  ): (outcome: 'done' | 'refused', look?: (id: string) => Look) => void {
    const before = new Map(ids.map((id) => [id, this.looks.get(id) ?? [GONE]]));
    for (const id of ids) this.looks.set(id, [...(before.get(id) as Look[]), next]);
    if (batch) this.together.add(ids);
    return (outcome, look = () => next) => {
      for (const id of ids) this.looks.set(id, outcome === 'done' ? [look(id)] : (before.get(id) as Look[]));
      this.together.delete(ids);
    };
  }

  /** What is wrong with a recovered bus; undefined where nothing is. */
  async verify(bus: ServiceBus): Promise<string | undefined> {
    const found = await looksIn(bus);
    for (const id of found.keys()) if (!this.looks.has(id)) return `${id} was never sent`;
    for (const [id, looks] of this.looks) {
      const look = found.get(id) ?? GONE;
      if (
        !looks.some((wanted) =>
          wanted.endsWith('*') ? look.startsWith(wanted.slice(0, -1)) : look === wanted,
        )
      )
        return `${id} is ${look}, not ${looks.join(' or ')}`;
    }
    for (const ids of this.together) {
      const there = ids.filter((id) => found.has(id)).length;
      if (there > 0 && there < ids.length) return `${there} of ${ids.length} that were sent together`;
    }
    return undefined;
  }
}

async function looksIn(bus: ServiceBus): Promise<Map<string, Look>> {
  const looks = new Map<string, Look>();
  for (const queue of bus.entities.queues.values()) {
    for (const message of queue.messages.values()) {
      const [bytes] = await bus.journal.read([message.offset]);
      const id = bytes?.toString().trim() as string;
      if (looks.has(id)) looks.set(id, 'there twice');
      else looks.set(id, lookOf(queue.id, message.deferred, message.deliveries, message.lock));
    }
  }
  return looks;
}

const lookOf = (
  queue: string,
  deferred: boolean,
  deliveries: number,
  lock?: { token: string; until: number },
): Look =>
  `${queue} ${deferred ? 'deferred' : 'active'} ${deliveries} ${lock === undefined ? 'free' : `locked ${lock.until} ${lock.token}`}`;

const DEAD = 'q/$deadletterqueue';

/** A seeded user of one queue, one operation after the other, some at once. */
export class Commands {
  private sent = 0;

  constructor(
    private readonly bus: ServiceBus,
    private readonly expected: Expected,
    private readonly random: Random,
    private readonly prefix: string,
  ) {}

  async step(): Promise<void> {
    const { random } = this;
    const chance = random.below(10);
    if (chance < 2) await this.send(1 + random.below(3));
    else if (chance < 3) await Promise.all([this.send(1), this.send(2)]);
    else if (chance < 4) await this.takeAway();
    else if (chance < 5) await this.takeDeferred();
    else await this.receive();
  }

  private get queue(): MessageQueue {
    return this.bus.entities.queue(['q']) as MessageQueue;
  }

  private async send(count: number): Promise<void> {
    const ids = Array.from({ length: count }, () => `${this.prefix}-${this.sent++}`);
    const end = this.expected.begin(ids, lookOf('q', false, 0), true);
    const to = this.bus.entities.destinations.get('q')!;
    const messages = ids.map((id): NewMessage => {
      // Long ones make the journal roll.
      const bytes = Buffer.from(id.padEnd(this.random.chance(0.2) ? 900 : 40));
      const filterable = () => ({ system: {}, application: {} });
      return { bytes, id, session: undefined, ttlMs: undefined, scheduledFor: undefined, filterable };
    });
    await this.outcome(send(this.bus, to, messages), end);
  }

  private async receive(): Promise<void> {
    const first = [...this.queue.messages.values()].filter(
      (message) => message.lock === undefined && !message.deferred,
    );
    const wanted = first.sort((a, b) => a.sequence - b.sequence).slice(0, 1 + this.random.below(3));
    const ids = await Promise.all(wanted.map((message) => this.idOf(message.offset)));
    const ends = wanted.map(({ deliveries }, i) =>
      this.expected.begin([ids[i] as string], `q active ${deliveries} locked *`),
    );
    const received = await receiveLocked(this.bus, this.queue, wanted.length, 1e9);
    for (const [i, { message }] of received.entries())
      ends[i]?.('done', () => lookOf('q', false, message.deliveries, message.lock));
    for (const [i, { message }] of received.entries()) {
      if (this.random.chance(0.05)) continue; // stays locked
      await this.settle(
        ids[i] as string,
        message.deferred,
        message.deliveries,
        message.lock!.token,
        message.sequence,
      );
    }
  }

  private async settle(
    id: string,
    deferred: boolean,
    deliveries: number,
    token: string,
    sequence: number,
  ): Promise<void> {
    const ways: [Settlement, Look][] = [
      [{ kind: 'complete' }, GONE],
      [{ kind: 'release' }, lookOf('q', deferred, deliveries)],
      [
        { kind: 'abandon' },
        deliveries < 2 ? lookOf('q', deferred, deliveries + 1) : lookOf(DEAD, false, deliveries),
      ],
      [{ kind: 'defer' }, lookOf('q', true, deliveries)],
      [{ kind: 'deadLetter', reason: 'r', description: 'd' }, lookOf(DEAD, false, deliveries)],
    ];
    const [how, look] = this.random.pick(ways);
    const end = this.expected.begin([id], look);
    await this.outcome(settle(this.bus, this.queue, token, this.queue.messages.get(sequence), how), end);
  }

  private async takeDeferred(): Promise<void> {
    const message = [...this.queue.messages.values()].find(
      ({ deferred, lock }) => deferred && lock === undefined,
    );
    if (message === undefined) return;
    const id = await this.idOf(message.offset);
    const end = this.expected.begin([id], `q deferred ${message.deliveries} locked *`);
    await receiveDeferred(this.bus, this.queue, [message.sequence]);
    end('done', () => lookOf('q', true, message.deliveries, message.lock));
    await this.settle(id, true, message.deliveries, message.lock!.token, message.sequence);
  }

  private async takeAway(): Promise<void> {
    const queue = this.bus.entities.queue(['q', '$deadletterqueue']) as MessageQueue;
    const [first] = [...queue.messages.values()].sort((a, b) => a.sequence - b.sequence);
    if (first === undefined) return;
    const end = this.expected.begin([await this.idOf(first.offset)], GONE);
    await this.outcome(receiveAndDelete(this.bus, queue, 1, 1e9), end);
  }

  private async idOf(offset: number): Promise<string> {
    const [bytes] = await this.bus.journal.read([offset]);
    return bytes?.toString().trim() as string;
  }

  private async outcome(work: Promise<unknown>, end: (outcome: 'done' | 'refused') => void): Promise<void> {
    await work;
    end('done');
  }
}
