import type { EventHubProducerClient } from '@azure/event-hubs';
import { earliestEventPosition } from '@azure/event-hubs';
import { type BrokerHarness, Reading, type Running } from '../harness.js';
import { Ledger } from './ledger.js';

const HUB = 'single';
const PARTITION = '0';

/** The unmodified client, which sends and receives while others misbehave, and must not notice. */
export class Bystander {
  private readonly ledger = new Ledger();
  private readonly reading: Reading;
  private readonly producer: EventHubProducerClient;
  private latencies: number[] = [];
  private stopping = false;
  private count = 0;
  private readonly sending: Promise<void>;

  constructor(harness: BrokerHarness, broker: Running) {
    this.reading = new Reading(harness.consumer(broker, { hub: HUB }), PARTITION, earliestEventPosition);
    this.producer = harness.producer(broker, HUB);
    this.sending = this.send();
  }

  /** Acknowledged so far. */
  get sends(): number {
    return this.ledger.acknowledgedCount;
  }

  /** How long each send took since the last call, ms. */
  takeLatencies(): number[] {
    const taken = this.latencies;
    this.latencies = [];
    return taken;
  }

  /** Stops, waits for everything to arrive; answers what was wrong with it, and how many events there were. */
  async stop(): Promise<{ wrong: string[]; events: number }> {
    this.stopping = true;
    await this.sending;
    const { events, errors } = await this.reading.until(
      ({ events: got, errors: failed }) => got.length >= this.count || failed.length > 0,
    );
    const shown = events.map((event) => ({
      offset: Number(event.offset),
      sequenceNumber: event.sequenceNumber,
      token: event.body as string,
    }));
    return { wrong: [...errors.map(String), ...this.ledger.check(shown)], events: events.length };
  }

  private async send(): Promise<void> {
    while (!this.stopping) {
      const token = String(this.count++);
      this.ledger.sent(token);
      const started = performance.now();
      await this.producer.sendBatch([{ body: token }], { partitionId: PARTITION });
      this.latencies.push(performance.now() - started);
      this.ledger.accepted(token);
    }
  }
}

/** The value that 99 of 100 do not exceed. */
export function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? NaN;
}
