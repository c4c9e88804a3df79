import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startNode } from '../processes.mjs';

const program = path.join(import.meta.dirname, '../../../apps/broker/dist/main.js');
/** As `npm run broker`, `npm start` and Compose start it. */
const nodeOptions = ['--max-semi-space-size=4'];
export const groups = ['one', 'two', 'three'];

/**
 * Starts the built engine on free ports.
 * @param {string} folder keeps its data; what is there already is served
 * @param {Record<string, number>} hubs partitions of each hub
 */
export async function startEngine(folder, hubs) {
  const config = path.join(folder, 'eventhubs.json');
  const entities = Object.entries(hubs).map(([Name, PartitionCount]) => ({
    Name,
    PartitionCount,
    ConsumerGroups: groups.map((group) => ({ Name: group })),
  }));
  const namespace = { Type: 'EventHub', Name: 'bench', Entities: entities };
  await writeFile(config, JSON.stringify({ UserConfig: { NamespaceConfig: [namespace] } }));
  const data = path.join(folder, 'data');
  const args = ['--config', config, '--data', data, '--port', '0', '--http-port', '0'];
  const started = performance.now();
  const { child, ready } = await startNode(program, args, { nodeOptions });
  const startMs = performance.now() - started;
  const target = (hub) => ({ port: ready.amqpPort, hub, partitions: hubs[hub], pid: child.pid });
  return { child, startMs, port: ready.amqpPort, target };
}
