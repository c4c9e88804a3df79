import { writeFile } from 'node:fs/promises';
import { isObject, type Json, list, readConfig } from './config/config-files.js';

/**
 * Our configuration as Azure's emulators take it: `node apps/broker/dist/emulator-config.js EVENTHUBS_FILE OUT SERVICEBUS_FILE
 * OUT`. They know one namespace each, by a fixed name, and the one of Service Bus keeps no message longer than an hour.
 */
const [eventHubs, eventHubsOut, serviceBus, serviceBusOut] = process.argv.slice(2);
if (!eventHubs || !eventHubsOut || !serviceBus || !serviceBusOut) {
  console.error('usage: emulator-config EVENTHUBS_FILE OUT SERVICEBUS_FILE OUT');
  process.exit(64);
}

const longest = 'PT1H';

async function write(file: string, UserConfig: Json): Promise<void> {
  await writeFile(file, `${JSON.stringify({ UserConfig }, undefined, 2)}\n`);
}

/** A queue whose messages live as long as the emulator lets them. */
function shortLived(entity: Json): Json {
  const properties = isObject(entity['Properties']) ? entity['Properties'] : {};
  const lives = 'DefaultMessageTimeToLive' in properties && { DefaultMessageTimeToLive: longest };
  return { ...entity, Properties: { ...properties, ...lives } };
}

const hubs = await readConfig(eventHubs);
const [hubNamespace] = list(hubs['NamespaceConfig'], `${eventHubs}: NamespaceConfig`);
await write(eventHubsOut, { ...hubs, NamespaceConfig: [{ ...hubNamespace, Name: 'emulatorNs1' }] });

const bus = await readConfig(serviceBus);
const [busNamespace] = list(bus['Namespaces'], `${serviceBus}: Namespaces`);
const queues = list(busNamespace?.['Queues'] ?? [], `${serviceBus}: Queues`).map(shortLived);
await write(serviceBusOut, {
  ...bus,
  Namespaces: [{ ...busNamespace, Name: 'sbemulatorns', Queues: queues }],
});
