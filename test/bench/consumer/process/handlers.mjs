// The handlers of the bench's consumer. This is plain JavaScript, so decorators are called, not written above.
import { EventBatchPattern, EventFilter } from '@app/consumer';
import { applyDecorators, Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { types } from '../events.mjs';

/** What handlers write to. */
export class BenchTables1800000000000 {
  async up(runner) {
    await runner.query(
      'CREATE TABLE contact (customer_id uuid PRIMARY KEY, city text, version int NOT NULL)',
    );
    // Without a key, so that an effect that happens twice shows.
    await runner.query(
      'CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY, event_id uuid, customer_id uuid, version int)',
    );
  }
}

const wanted = Object.values(types);
const cityOf = ({ data }) => (data.personal ?? data).current.addresses.home.city;

/** An upsert an event. */
async function each(event, { manager }) {
  await manager.query(
    `INSERT INTO contact (customer_id, city, version) VALUES ($1, $2, $3)
     ON CONFLICT (customer_id) DO UPDATE SET city = excluded.city, version = excluded.version`,
    [event.subject, cityOf(event), event.customerversion],
  );
}

/** The same for a batch in one statement, folded to one row a customer. */
async function batch(events, { manager }) {
  const last = [...new Map(events.map((event) => [event.subject, event])).values()];
  await manager.query(
    `INSERT INTO contact (customer_id, city, version)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[])
     ON CONFLICT (customer_id) DO UPDATE SET city = excluded.city, version = excluded.version`,
    [last.map(({ subject }) => subject), last.map(cityOf), last.map((event) => event.customerversion)],
  );
}

/** A row an event, which shows what is lost, doubled or out of order. */
async function note(events, { manager }) {
  await manager.query(
    `INSERT INTO effect (event_id, customer_id, version)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[])`,
    [
      events.map(({ id }) => id),
      events.map(({ subject }) => subject),
      events.map((event) => event.customerversion),
    ],
  );
}

const nothing = async () => undefined;

/** How a consumer can handle its events, by name. */
export const modes = {
  skip: [EventPattern('NeverSent'), nothing],
  filter: [
    applyDecorators(
      EventPattern(wanted),
      EventFilter([{ operatorType: 'StringBeginsWith', key: 'subject', values: ['x'] }]),
    ),
    nothing,
  ],
  each: [EventPattern(wanted), each],
  perCustomer: [EventPattern(wanted, { perCustomer: true }), each],
  batch: [EventBatchPattern(wanted), batch],
  note: [EventBatchPattern(wanted), note],
};

/** A controller class with one handler. */
export function controllerFor(/** @type {keyof typeof modes} */ mode) {
  const [pattern, handle] = modes[mode];
  class Handlers {
    handle(payload, context) {
      return handle(payload, context);
    }
  }
  const { prototype } = Handlers;
  Payload()(prototype, 'handle', 0);
  Ctx()(prototype, 'handle', 1);
  void pattern(prototype, 'handle', Object.getOwnPropertyDescriptor(prototype, 'handle'));
  Controller()(Handlers);
  return Handlers;
}
