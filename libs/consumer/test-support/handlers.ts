import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventType, OpenedEvent } from '@app/contracts';
import type { EntityManager } from 'typeorm';
import { ConsumerContext, EventBatchPattern } from '../src/index.js';

/** Notes an event in the table `effect`, which would show it twice if it were handled twice. */
export async function note(manager: EntityManager, event: OpenedEvent, worker?: string): Promise<void> {
  await manager.query('INSERT INTO effect (event_id, subject, version, worker) VALUES ($1, $2, $3, $4)', [
    event.id,
    event.subject,
    event.data.personal?.current.version,
    worker,
  ]);
}

@Controller()
export class NoteEach {
  @EventPattern<EventType>('AddressChanged')
  async handle(@Payload() event: OpenedEvent, @Ctx() { manager }: ConsumerContext): Promise<void> {
    await note(manager, event);
  }
}

@Controller()
export class NoteBatch {
  @EventBatchPattern(['AddressChanged', 'CustomerNameChanged'])
  async handle(@Payload() events: OpenedEvent[], @Ctx() { manager }: ConsumerContext): Promise<void> {
    await manager.query(
      `INSERT INTO effect (event_id, subject, version)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[])`,
      [
        events.map(({ id }) => id),
        events.map(({ subject }) => subject),
        events.map(({ data }) => data.personal?.current.version),
      ],
    );
  }
}
