import { makeSecrets } from './secrets/make-secrets.js';
import { writeServiceFiles } from './secrets/service-files.js';

/**
 * Makes the secrets in a folder, once: `node apps/local/dist/make-secrets.js DIR [POSTGRES_HOST:PORT BROKER_HOST:PORT]`.
 * With hosts it also writes the files that compose's services take as `NAME_FILE`; EVENTHUBS_CONNECTION_STRING and
 * SERVICEBUS_CONNECTION_STRING, where they are set, take the place of the engine's.
 */
const [dir, postgres, broker] = process.argv.slice(2);
if (!dir) {
  console.error('usage: make-secrets DIR [POSTGRES_HOST:PORT BROKER_HOST:PORT]');
  process.exit(64);
}
const secrets = await makeSecrets(dir);
const { EVENTHUBS_CONNECTION_STRING: eventHubs, SERVICEBUS_CONNECTION_STRING: serviceBus } = process.env;
if (postgres && broker)
  await writeServiceFiles(dir, secrets, { postgres, broker }, { eventHubs, serviceBus });
