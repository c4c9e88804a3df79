import type { EventAttributes } from '@app/contracts';

/** What `ClientEventHubs.emit(type, …)` takes: data, and the attributes that are not made for it. */
export class EventHubsRecord<Data = unknown> {
  constructor(
    readonly data: Data,
    /** `subject` is also the partition key: events of one subject keep their order. */
    readonly attributes: Omit<Partial<EventAttributes>, 'type'> & { source: string },
  ) {}
}
