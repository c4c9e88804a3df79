import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { partitionForKey, toApplicationProperties } from '@app/contracts';
import { EventHubsSender, type EventHubsSettings, type OutgoingEvent } from '@app/event-hubs';
import { v7 as uuidv7 } from 'uuid';
import type { Random } from '@app/testing';

const subjects = 60;
const batch = 12;
const pauseMs = 30;
const again = 0.1;

/** Sends events of a few busy customers, in order, and some of them once more, as a relay that died would. */
export class EventSource {
  sent = 0;
  private readonly sender: EventHubsSender;
  private readonly versions = new Map(Array.from({ length: subjects }, () => [randomUUID() as string, 0]));
  private readonly running: Promise<void>;
  private stopped = false;

  constructor(
    settings: EventHubsSettings,
    private readonly partitionCount: number,
    random: Random,
  ) {
    this.sender = new EventHubsSender(settings);
    this.running = this.run(random);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    await this.sender.close();
  }

  private async run(random: Random): Promise<void> {
    const all = [...this.versions.keys()];
    while (!this.stopped) {
      const home = partitionForKey(random.pick(all), this.partitionCount);
      const mine = all.filter((subject) => partitionForKey(subject, this.partitionCount) === home);
      const events = Array.from({ length: batch }, () => this.next(random.pick(mine)));
      await this.send(String(home), events);
      if (random.chance(again)) await this.send(String(home), events.slice(random.below(batch)));
      await delay(pauseMs);
    }
  }

  private next(subject: string): OutgoingEvent {
    const customerversion = (this.versions.get(subject) ?? 0) + 1;
    this.versions.set(subject, customerversion);
    const id = uuidv7();
    const attributes = { id, type: 'AddressChanged', source: '/profile', subject, customerversion };
    return { id, applicationProperties: toApplicationProperties(attributes), body: '{"changed":[]}' };
  }

  private async send(partitionId: string, events: readonly OutgoingEvent[]): Promise<void> {
    for (let done = 0; done < events.length;) done += await this.sender.send(partitionId, events.slice(done));
    this.sent += events.length;
  }
}
