// Node's --import of a process that is to have a bug: TORTURE_SABOTAGE names it.
import { Client } from 'pg';
import { consumerSabotages } from './consumer-sabotages.mjs';
import { deadLetterSabotages } from './dead-letter-sabotages.mjs';
import { handlerSabotages } from './handler-sabotages.mjs';

const sabotages = { ...consumerSabotages, ...deadLetterSabotages, ...handlerSabotages };

// oxlint-disable-next-line typescript/unbound-method -- called with its client
const plain = Client.prototype.query;

/** A connection that commits by itself, whatever becomes of the transaction. */
let other;
async function elsewhere(sql, values) {
  other ??= new Client({ connectionString: process.env.DATABASE_URL });
  const client = other;
  const forget = () => {
    if (other === client) other = undefined;
  };
  if (client.listenerCount('error') === 0) {
    client.on('error', forget);
    // Cut off while it connects, it would take statements and answer none.
    await client.connect().catch((error) => {
      forget();
      throw error;
    });
  }
  return plain.call(client, sql, values);
}

const sabotage = sabotages[process.env.TORTURE_SABOTAGE];
if (!sabotage) throw new Error(`TORTURE_SABOTAGE must be one of ${Object.keys(sabotages).join(', ')}`);

/** Statements with parameters are sabotaged, those that are prepared by name, too: changed, they lose the name. */
Client.prototype.query = function (statement, values, ...rest) {
  const { text, values: given } = typeof statement === 'string' ? { text: statement, values } : statement;
  if (typeof text !== 'string' || !Array.isArray(given) || rest.length > 0 || this === other)
    return plain.call(this, statement, values, ...rest);
  const run = (changed, parameters) =>
    changed === text && typeof statement !== 'string'
      ? plain.call(this, { ...statement, values: parameters })
      : plain.call(this, changed, parameters);
  return sabotage(run, text, given, elsewhere);
};
