import { setTimeout as delay } from 'node:timers/promises';
import { EventHubsSender, type EventHubsSettings } from '@app/event-hubs';
import type { Random } from '@app/testing';
import type { Writers } from '../workload/writers.js';
import { type BadEvent, badEvent, badKinds } from './bad-events.js';

/** Writes for each bad event. */
const oneIn = 100;
const lookMs = 20;

/** Mixes bad events into the stream, one for so many writes. */
export class BadEventSource {
  readonly sent: BadEvent[] = [];
  private readonly sender: EventHubsSender;
  private readonly running: Promise<void>;
  private stopped = false;

  constructor(
    settings: EventHubsSettings,
    private readonly writers: Pick<Writers, 'acknowledged'>,
    private readonly knownCustomer: string,
    random: Random,
  ) {
    this.sender = new EventHubsSender(settings);
    this.running = this.run(random, writers.acknowledged);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    await this.sender.close();
  }

  private async run(random: Random, before: number): Promise<void> {
    while (!this.stopped || this.sent.length < badKinds.length) {
      const due = Math.floor((this.writers.acknowledged - before) / oneIn);
      if (this.sent.length >= due) await delay(lookMs);
      else await this.sendOne(random);
    }
  }

  private async sendOne(random: Random): Promise<void> {
    const kind = badKinds[this.sent.length % badKinds.length] ?? '';
    const event = badEvent(kind, this.knownCustomer, random);
    this.sent.push(event);
    await this.sender.send(event.partition, [event.message]);
  }
}
