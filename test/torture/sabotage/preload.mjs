// Node's --import of a process that is to have a bug: TORTURE_SABOTAGE names it.
import { Client } from 'pg';
import { consumerSabotages } from './consumer-sabotages.mjs';

// oxlint-disable-next-line typescript/unbound-method -- called with its client
const plain = Client.prototype.query;

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

const sabotage = consumerSabotages[process.env.TORTURE_SABOTAGE];
if (!sabotage)
  throw new Error(`TORTURE_SABOTAGE must be one of ${Object.keys(consumerSabotages).join(', ')}`);

Client.prototype.query = function (sql, values, ...rest) {
  if (typeof sql !== 'string' || !Array.isArray(values) || rest.length > 0 || this === other)
    return plain.call(this, sql, values, ...rest);
  return sabotage((text, parameters) => plain.call(this, text, parameters), sql, values, elsewhere);
};
