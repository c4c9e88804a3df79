// Bugs that a consumer runtime may have, put between it and PostgreSQL: the code that ships needs no flag for them.
import { setTimeout as delay } from 'node:timers/promises';

const fence = /AND owner_id = \$5 AND epoch = \$6 AND generation = \$7 AND sequence_number = \$10/;
const unfenced = 'AND ($5::text, $6::bigint, $7::int, $10::bigint) IS NOT NULL';
const inboxInsert = 'unnest($11::uuid[]) AS key';
const twice = (sql) => sql.replace(inboxInsert, `${inboxInsert} ON CONFLICT DO NOTHING`);

const isCommit = (sql) => sql.includes('WITH moved AS') && sql.includes('INSERT INTO inbox');
const isLookup = (sql) => /^SELECT event_id\b.* FROM inbox WHERE event_id = ANY/.test(sql);

/**
 * @typedef {(sql: string, values: unknown[]) => Promise<any>} Run runs a statement
 * @type {Record<string, (run: Run, sql: string, values: unknown[], elsewhere: Run) => Promise<any>>} `run`: on the
 *   transaction's connection; `elsewhere`: on one that commits by itself
 */
export const consumerSabotages = {
  'no-epoch-check': (run, sql, values) => run(sql.replace(fence, unfenced), values),

  'dedupe-by-offset': (run, sql, values) =>
    run(isLookup(sql) ? sql.replace('FROM inbox WHERE', '$& false AND') : twice(sql), values),

  'dedupe-outside-transaction': async (run, sql, values, elsewhere) => {
    if (!isLookup(sql)) return run(twice(sql), values);
    const known = await run(sql, values);
    const [keys, generation] = values;
    await elsewhere('INSERT INTO inbox SELECT unnest($1::uuid[]), $2 ON CONFLICT DO NOTHING', [
      keys,
      generation,
    ]);
    return known;
  },

  'checkpoint-before-commit': async (run, sql, values, elsewhere) => {
    if (!isCommit(sql)) return run(sql, values);
    const update = sql.slice(sql.indexOf('UPDATE partition_position'), sql.indexOf('), noted AS'));
    const counted = `WITH moved AS (${update}) SELECT count(*)::int AS moved FROM moved`;
    const moved = await elsewhere(counted, values.slice(0, 10));
    await run('INSERT INTO inbox SELECT unnest($1::uuid[]), $2', [values[10], values[6]]);
    await delay(20);
    return moved;
  },
};
