import { randomUUID } from 'node:crypto';
import { FencedError, type PartitionLease, type ReceivedEventData } from '@app/event-hubs';
import { Random, testDatabase } from '@app/testing';
import { type InProcessConsumer, PartitionDriver, received, startInProcess } from '@app/testing/consumer';
import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { check } from '../checker/check.js';
import type { LogObservation } from '../checker/evidence.js';
import { readGroup } from '../checker/read-group.js';
import type { Run } from '../checker/report.js';
import { watchPositionsSql } from '../checker/watch-positions.sql.js';
import { readEffects, rowsOf } from '../platform/rows.js';
import { consumerSabotages } from '../sabotage/consumer-sabotages.mjs';
import { interceptQueries } from '../sabotage/intercept-queries.js';
import { BreakPoints } from './break-points.js';
import { effectsModule } from './effects-module.mjs';

const records = 40;
const batch = 10;

/**
 * A reader breaks at its nth statement, for every n; another takes over and reads to the end; then the first, which does
 * not know of that, goes on with the batch it had in hand.
 */
export async function everyBreak(seed: number, sabotage?: string): Promise<Run> {
  const random = new Random(seed);
  const database = await testDatabase();
  const sql = new Client({ connectionString: database.url });
  const consumers: InProcessConsumer[] = [];
  const start = async (name: string) => {
    const databaseUrl = `${database.url}?application_name=${name}`;
    const keys = { fetch: async () => new Map() };
    const consumer = await startInProcess({ databaseUrl, module: effectsModule(), keys });
    consumers.push(consumer);
    return consumer;
  };
  try {
    const [first, heir] = [await start('first'), await start('heir')];
    await sql.connect();
    await sql.query(watchPositionsSql);
    const breaks = new BreakPoints();
    const bug = sabotage === undefined ? undefined : consumerSabotages[sabotage];
    interceptQueries(first.database, (query, text, values) => {
      const run = (text: string, values?: unknown[]) => breaks.run(query, text, values);
      const elsewhere = (text: string, values: unknown[]) => heir.database.query(text, values);
      return bug && values ? bug(run, text, values, elsewhere) : run(text, values);
    });
    const log: LogObservation[] = [];
    // A bug shows at many places.
    const stride = sabotage === undefined ? 1 : 4;
    let [fenced, points] = [0, 0];
    for (let more = true; more;) {
      more = false;
      for (const after of [false, true]) {
        const partition = String(points * 2 + Number(after));
        const events = recordsOf(partition, random, log);
        breaks.breakAt(points * stride + 1, after);
        fenced += await breakAndGoOn(
          new PartitionDriver(first, partition),
          new PartitionDriver(heir, partition),
          events,
        );
        more ||= breaks.struck;
      }
      points++;
    }
    const effects = await readEffects(sql, 'workers');
    const findings = check({ log, groups: [await readGroup(rowsOf(sql), 'workers')], effects: [effects] });
    return {
      name: 'T25 every break',
      seed,
      figures: { 'break points': points, fenced, records: log.length },
      findings,
    };
  } finally {
    for (const consumer of consumers) await consumer.close();
    await sql.end();
    await database.drop();
  }
}

/** Answers how often the one who was replaced was refused: once, when all is well. */
async function breakAndGoOn(
  first: PartitionDriver,
  heir: PartitionDriver,
  events: ReceivedEventData[],
): Promise<number> {
  const lease = await first.open();
  await first.read(lease, events, [batch]).catch(() => undefined);
  await heir.read(await heir.open(), events, [batch * 2]);
  return goOn(first, lease, events);
}

async function goOn(
  zombie: PartitionDriver,
  lease: PartitionLease,
  events: ReceivedEventData[],
): Promise<number> {
  try {
    await zombie.read(lease, events, [batch]);
    return 0;
  } catch (error) {
    if (error instanceof FencedError) return 1;
    throw error;
  }
}

/** A log of a few customers in which some records come again. */
function recordsOf(partition: string, random: Random, log: LogObservation[]): ReceivedEventData[] {
  const versions = new Map(Array.from({ length: 4 }, () => [randomUUID() as string, 0]));
  const events = Array.from({ length: records }, () => {
    const subject = random.pick([...versions.keys()]);
    const customerversion = (versions.get(subject) ?? 0) + 1;
    versions.set(subject, customerversion);
    return { id: uuidv7(), type: 'AddressChanged', source: '/profile', subject, customerversion, data: {} };
  });
  const from = random.below(records / 2);
  events.splice(from + 10, 0, ...events.slice(from, from + 5));
  return events.map((event, sequenceNumber) => {
    log.push({
      observer: 'the log',
      partition,
      sequenceNumber,
      offset: String(sequenceNumber),
      crc: 0,
      eventId: event.id,
      type: event.type,
      subject: event.subject,
      version: event.customerversion,
      tokens: [],
    });
    return received(event, sequenceNumber);
  });
}
