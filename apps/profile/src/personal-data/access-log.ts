import {
  type AccessData,
  accessDataSchemaUri,
  accessEventType,
  type CustomerEvent,
  profileSource,
} from '@app/contracts';
import { OutboxRelay, OutboxWriter } from '@app/outbox';
import type { Caller } from '@app/service-defaults';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

/** Tells the audit, by an event, who has seen whose personal data. */
@Injectable()
export class AccessLog {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: OutboxWriter,
    private readonly relay: OutboxRelay,
  ) {}

  /** Await it before anything is shown: what cannot be written down is not shown. */
  async record(
    what: Pick<AccessData, 'access' | 'part'>,
    customerIds: readonly string[],
    caller: Caller,
    traceparent?: string,
  ): Promise<void> {
    const events = customerIds.map((id) =>
      accessEvent(id, { ...what, by: caller.subject, client: caller.client }),
    );
    await this.outbox.append(
      this.dataSource.manager,
      events.map((event) => (traceparent ? Object.assign(event, { traceparent }) : event)),
    );
    this.relay.wake();
  }
}

function accessEvent(customerId: string, data: AccessData): CustomerEvent<AccessData> {
  return {
    id: uuidv7(),
    type: accessEventType,
    source: profileSource,
    subject: customerId,
    time: new Date().toISOString(),
    dataschema: accessDataSchemaUri,
    data,
  };
}
