import type { PartitionLease, StatementRunner } from '@app/event-hubs';
import { type AsideEvent, customerOf } from '../divide.js';
import type { Failure } from '../failure.js';
import { storedMessageOf } from '../stored-message.js';

export interface SetAsideCustomer {
  customerId: string;
  failure: Failure;
  /** Until the next try; undefined parks. */
  pauseMs: number | undefined;
}

/** Begins to hold up customers: one row each, with the failure of its first event. */
export async function addCustomers(
  runner: StatementRunner,
  customers: readonly SetAsideCustomer[],
): Promise<void> {
  await runner.query(
    `INSERT INTO set_aside_customer (customer_id, state, attempts, next_at, first_failed_at, last_failed_at, reason,
                                     stack_digest)
     SELECT customer_id, CASE WHEN pause IS NULL THEN 'parked' ELSE 'retrying' END, 1,
            now() + coalesce(pause, 0) * interval '1 ms', now(), now(), reason, stack_digest
       FROM unnest($1::text[], $2::float8[], $3::text[], $4::text[]) AS c (customer_id, pause, reason, stack_digest)
      ORDER BY customer_id
     ON CONFLICT (customer_id) DO NOTHING`,
    [
      customers.map(({ customerId }) => customerId),
      customers.map(({ pauseMs }) => pauseMs ?? null),
      customers.map(({ failure }) => failure.reason),
      customers.map(({ failure }) => failure.stackDigest ?? null),
    ],
  );
}

/** Puts events behind what waits already. One that waits already is not put there twice. */
export async function addEvents(
  runner: StatementRunner,
  lease: PartitionLease,
  events: readonly AsideEvent[],
): Promise<void> {
  await runner.query(
    `INSERT INTO set_aside_event (key, customer_id, generation, event_id, source, type, namespace, event_hub,
                                  partition_id, sequence_number, message, body, replay_until, replay_effects)
     SELECT key, customer_id, $1, event_id, source, type, $2, $3, $4, sequence_number, message, body, $13, $14
       FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::json[], $12::bytea[])
            AS e (key, customer_id, event_id, source, type, sequence_number, message, body)
     ON CONFLICT (key) DO NOTHING`,
    [
      lease.generation,
      lease.namespace,
      lease.eventHubName,
      lease.partitionId,
      events.map(({ event }) => event.key),
      events.map(({ event }) => customerOf(event)),
      events.map(({ event }) => event.attributes.id),
      events.map(({ event }) => event.attributes.source),
      events.map(({ event }) => event.attributes.type),
      events.map(({ event }) => event.received.sequenceNumber),
      events.map(({ event }) => JSON.stringify(storedMessageOf(event.received))),
      events.map(({ event }) => event.body),
      lease.replayUntil,
      lease.replayEffects,
    ],
  );
}
