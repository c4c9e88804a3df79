import { EventHubsReader, type EventHubsSettings, type ReceivedEventData } from '@app/event-hubs';

export interface Recorded {
  id: string;
  subject: string;
  version: number;
}

/** Reads a hub from the start and keeps what it sees, a list a partition. */
export class StreamRecorder {
  readonly partitions = new Map<string, Recorded[]>();
  private readonly reader: EventHubsReader;

  constructor(settings: EventHubsSettings) {
    this.reader = new EventHubsReader({
      settings,
      consumerGroup: '$Default',
      from: 'earliest',
      onEvents: (events, partitionId) => this.note(events, partitionId),
    });
    this.reader.start();
  }

  get all(): Recorded[] {
    return [...this.partitions.values()].flat();
  }

  get distinct(): number {
    return new Set(this.all.map(({ id }) => id)).size;
  }

  /** First occurrences that come after a later version of the same customer. */
  get reordered(): Recorded[] {
    const latest = new Map<string, number>();
    const seen = new Set<string>();
    return this.all.filter(({ id, subject, version }) => {
      if (seen.has(id)) return false;
      seen.add(id);
      const before = latest.get(subject) ?? 0;
      latest.set(subject, Math.max(before, version));
      return version < before;
    });
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  private note(events: readonly ReceivedEventData[], partitionId: string): void {
    const list = this.partitions.get(partitionId) ?? [];
    this.partitions.set(partitionId, list);
    for (const { properties = {} } of events) {
      list.push({
        id: String(properties['cloudEvents_id']),
        subject: String(properties['cloudEvents_subject']),
        version: Number(properties['cloudEvents_customerversion']),
      });
    }
  }
}
