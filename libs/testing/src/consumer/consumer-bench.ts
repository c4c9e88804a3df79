import type { DynamicModule, Type } from '@nestjs/common';
import type { CustomerEvent, EventOf } from '@app/contracts';
import type { ReceivedEventData } from '@app/event-hubs';
import { type TestDatabase, testDatabase } from '../postgres/test-database.js';
import { type InProcessConsumer, startInProcess } from './in-process.js';
import { KeyRing } from './key-ring.js';
import { PartitionDriver, received } from './partition-driver.js';
import { sealed } from './seal-events.js';

type Told = EventOf | CustomerEvent<unknown>;

/**
 * A consumer's own module, handlers, migrations and runtime on a real database, without an engine: the test says what
 * lies on the hub, and nothing is waited for.
 *
 *     const bench = await ConsumerBench.open(LoyaltyModule);
 *     await bench.take(...events);            // as the hub hands them over, sealed
 *     await bench.takeAgain();                // what a relay or a broken connection brings twice
 *     await bench.replay();                   // everything once more, in a new generation
 *     await bench.query('SELECT …');          // what became of it
 *     await bench.setAside();                 // and what failed
 *     await bench.close();
 */
export class ConsumerBench {
  private readonly log: ReceivedEventData[] = [];
  private readonly partition: PartitionDriver;

  private constructor(
    private readonly database: TestDatabase,
    readonly consumer: InProcessConsumer,
    /** The customers' keys, as profile would hand them out. */
    readonly keys: KeyRing,
  ) {
    this.partition = new PartitionDriver(consumer, '0');
  }

  static async open(module: Type | DynamicModule): Promise<ConsumerBench> {
    const database = await testDatabase();
    const keys = new KeyRing();
    try {
      return new ConsumerBench(
        database,
        await startInProcess({ databaseUrl: database.url, module, keys }),
        keys,
      );
    } catch (error) {
      await database.drop();
      throw error;
    }
  }

  /**
   * Puts events on the hub and has them read, in batches of 3, so that some share a transaction and some do not. A
   * customer is erased from its CustomerErased on; personal data is sealed here.
   */
  async take(...events: readonly Told[]): Promise<void> {
    for (const event of events) this.put(sealed(event, this.keys));
    for (const { type, subject } of events)
      if (type === 'CustomerErased' && subject !== undefined) this.keys.erase(subject);
    await this.read();
  }

  /** Something that is no event of ours, or an event with anything in it, as a stranger might send it. */
  async takeRaw(properties: Record<string, unknown>, body: string | Uint8Array = '{}'): Promise<void> {
    const sequenceNumber = this.log.length;
    const any = received({ id: '', type: '', source: '', data: {} }, sequenceNumber);
    this.log.push({ ...any, properties, body: Buffer.from(body) });
    await this.read();
  }

  /** All that has been taken comes again, as new records: that is what a relay does that was killed before it noted it. */
  async takeAgain(): Promise<void> {
    const records = this.log.map(({ body, properties }) => ({ body: body as Buffer, properties }));
    for (const { body, properties } of records) {
      const any = received({ id: '', type: '', source: '', data: {} }, this.log.length);
      this.log.push({ ...any, properties, body });
    }
    await this.read();
  }

  /** Another process reads on from where the position was saved. */
  takeOver(): Promise<void> {
    return this.read();
  }

  /** Reads everything from the first event again, as `POST /admin/replay {"from": "earliest"}` has it. */
  async replay(): Promise<void> {
    await this.partition.replay(this.log.length - 1);
    await this.read();
  }

  /** One row a failed event: parked where another try cannot help, retrying else. */
  async setAside(): Promise<{ eventId: string; customerId: string; state: string; reason: string }[]> {
    return this.query(
      `SELECT DISTINCT ON (customer_id) event_id AS "eventId", customer_id AS "customerId", state, reason
         FROM set_aside_customer JOIN set_aside_event USING (customer_id)
        ORDER BY customer_id, sequence_number`,
    );
  }

  query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.consumer.database.query<Row[]>(sql, [...parameters]);
  }

  async close(): Promise<void> {
    await this.consumer.close();
    await this.database.drop();
  }

  private put(event: CustomerEvent<unknown>): void {
    this.log.push(received(event, this.log.length));
  }

  private async read(): Promise<void> {
    await this.partition.read(await this.partition.open(), this.log, [3]);
  }
}
