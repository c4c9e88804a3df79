import { appendFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AdvancedFilterInput,
  type EventOf,
  type EventType,
  partitionForKey,
  toApplicationProperties,
  wantedBy,
} from '@app/contracts';
import { EventHubsSender, type EventHubsSettings, type OutgoingEvent } from '@app/event-hubs';
import type { Random } from '@app/testing';
import { type KeyRing, sealed } from '@app/testing/consumer';
import { anEvent } from '@app/testing/events';
import * as fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';

export interface LifeOptions {
  types: readonly EventType[];
  /** What the consumer asks of an event: half of them have it. */
  filters: readonly AdvancedFilterInput[];
  partitionCount: number;
  /** Events in all; some of them come again on top. */
  events: number;
  /** Where each sending is noted, and what came of it. */
  historyFile: string;
}

const customers = 60;
const batch = 12;
const pauseMs = 30;
const again = 0.1;
const retryMs = 200;

/** Sends events that are made from the schemas, in order a customer; what had no answer, and some more, comes again. */
export class LifeSource {
  /** Ids of the events that the hub has taken for good. */
  readonly acknowledged = new Set<string>();
  private readonly sender: EventHubsSender;
  private closed = false;
  private readonly versions = new Map(Array.from({ length: customers }, () => [randomUUID() as string, 0]));

  constructor(
    settings: EventHubsSettings,
    private readonly keys: KeyRing,
    private readonly random: Random,
    private readonly options: LifeOptions,
  ) {
    this.sender = new EventHubsSender(settings);
  }

  /** Sends all of them, however often the hub goes away meanwhile. */
  async run(): Promise<void> {
    const { partitionCount, events } = this.options;
    const all = [...this.versions.keys()];
    for (let sent = 0; sent < events && !this.closed; sent += batch) {
      const home = partitionForKey(this.random.pick(all), partitionCount);
      const mine = all.filter((customer) => partitionForKey(customer, partitionCount) === home);
      const messages = Array.from({ length: batch }, () => this.next(this.random.pick(mine)));
      await this.send(String(home), messages);
      if (this.random.chance(again)) await this.send(String(home), messages.slice(this.random.below(batch)));
      await delay(pauseMs);
    }
  }

  /** Ends a run, too. */
  close(): Promise<void> {
    this.closed = true;
    return this.sender.close();
  }

  private next(subject: string): OutgoingEvent {
    const version = (this.versions.get(subject) ?? 0) + 1;
    this.versions.set(subject, version);
    const { types, filters } = this.options;
    const { current, changed } = wantedBy(this.random.chance(0.5) ? filters : []);
    // With `current` nobody comes out erased: a key that is there in one run and gone in the next compares nothing.
    const wanted = { current, customerId: subject, version, ...(changed && { changed }) };
    const seed = this.random.below(2 ** 31);
    const [event] = fc.sample(anEvent(this.random.pick(types), wanted), { seed, numRuns: 1 }) as [EventOf];
    const { data, ...attributes } = sealed({ ...event, id: uuidv7() }, this.keys);
    return {
      id: attributes.id,
      applicationProperties: toApplicationProperties(attributes),
      body: JSON.stringify(data),
    };
  }

  private async send(partition: string, messages: readonly OutgoingEvent[]): Promise<void> {
    for (let done = 0; done < messages.length && !this.closed;) {
      const rest = messages.slice(done);
      const ids = rest.map(({ id }) => id);
      this.note({ phase: 'invoke', partition, ids });
      try {
        const taken = await this.sender.send(partition, rest);
        for (const id of ids.slice(0, taken)) this.acknowledged.add(id);
        this.note({ phase: 'ok', partition, ids: ids.slice(0, taken) });
        done += taken;
      } catch (error) {
        this.note({ phase: 'info', partition, ids, error: String(error) });
        await delay(retryMs);
      }
    }
  }

  private note(line: object): void {
    const monoNs = String(process.hrtime.bigint());
    appendFileSync(this.options.historyFile, `${JSON.stringify({ monoNs, op: 'send', ...line })}\n`);
  }
}
