// Node's --import of a process that is to have a bug: statements of the consumer runtime are changed on their way to
// PostgreSQL, so that the code that ships needs no flag for it. TORTURE_SABOTAGE names the bug.
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

// oxlint-disable-next-line typescript/unbound-method -- called with its client
const plain = Client.prototype.query;
const fence = /AND owner_id = \$5 AND epoch = \$6 AND generation = \$7 AND sequence_number = \$10/;
const unfenced = 'AND ($5::text, $6::bigint, $7::int, $10::bigint) IS NOT NULL';
const inboxInsert = 'unnest($11::uuid[]) AS key';

const isCommit = (sql) => sql.includes('WITH moved AS') && sql.includes('INSERT INTO inbox');
const isLookup = (sql) => sql.startsWith('SELECT event_id FROM inbox WHERE event_id = ANY');

/** A connection that commits by itself, whatever becomes of the transaction. */
let other;
async function elsewhere(sql, values) {
  if (!other) {
    other = new Client({ connectionString: process.env.DATABASE_URL });
    other.on('error', () => (other = undefined));
    await other.connect();
  }
  return plain.call(other, sql, values);
}

const sabotages = {
  'no-epoch-check': (run, sql, values) => run(sql.replace(fence, unfenced), values),

  'dedupe-by-offset': (run, sql, values) => {
    if (isLookup(sql)) return run(`${sql} AND false`, values);
    return run(sql.replace(inboxInsert, `${inboxInsert} ON CONFLICT DO NOTHING`), values);
  },

  'dedupe-outside-transaction': async (run, sql, values) => {
    if (!isLookup(sql)) return run(sql.replace(inboxInsert, `${inboxInsert} ON CONFLICT DO NOTHING`), values);
    const known = await run(sql, values);
    await elsewhere('INSERT INTO inbox SELECT unnest($1::uuid[]), $2 ON CONFLICT DO NOTHING', values);
    return known;
  },

  'checkpoint-before-commit': async (run, sql, values) => {
    if (!isCommit(sql)) return run(sql, values);
    const update = sql.slice(sql.indexOf('UPDATE partition_position'), sql.indexOf('), noted AS'));
    const moved = await elsewhere(
      `WITH moved AS (${update}) SELECT count(*)::int AS moved FROM moved`,
      values.slice(0, 10),
    );
    await run('INSERT INTO inbox SELECT unnest($1::uuid[]), $2', [values[10], values[6]]);
    await delay(20);
    return moved;
  },
};

const sabotage = sabotages[process.env.TORTURE_SABOTAGE];
if (!sabotage) throw new Error(`TORTURE_SABOTAGE must be one of ${Object.keys(sabotages).join(', ')}`);

Client.prototype.query = function (sql, values, ...rest) {
  if (typeof sql !== 'string' || !Array.isArray(values) || rest.length > 0 || this === other)
    return plain.call(this, sql, values, ...rest);
  return sabotage((text, parameters) => plain.call(this, text, parameters), sql, values);
};
