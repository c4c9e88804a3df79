import { ConfigError } from './config-error.js';
import { list, nameOf, readText, userConfigOf, type Json } from './config-files.js';
import { retentionOf, type HubRetention } from './retention.js';

export interface EventHubConfig {
  readonly name: string;
  readonly partitionCount: number;
  /** Without `$Default`, which every hub has. */
  readonly consumerGroups: readonly string[];
  readonly retention: HubRetention;
}

/**
 * Reads the Event Hubs of configuration files in the official emulator's format. A file of the Service Bus
 * emulator (`UserConfig.Namespaces`) declares none. `retention` is that of the hubs that have none of their own.
 * @throws ConfigError naming file and place
 */
export async function loadEventHubs(
  files: readonly string[],
  retention: HubRetention,
): Promise<EventHubConfig[]> {
  const hubs: EventHubConfig[] = [];
  for (const file of files) hubs.push(...readEventHubs(await readText(file), file, retention));
  const seen = new Set<string>();
  for (const { name } of hubs) {
    if (seen.has(name.toLowerCase()))
      throw new ConfigError(`${files.join(', ')}: Event Hub '${name}' is declared twice`);
    seen.add(name.toLowerCase());
  }
  return hubs;
}

/** @throws ConfigError */
export function readEventHubs(text: string, file: string, retention: HubRetention): EventHubConfig[] {
  const user = userConfigOf(text, file);
  if (user['NamespaceConfig'] === undefined && Array.isArray(user['Namespaces'])) return [];
  return list(user['NamespaceConfig'], `${file}: UserConfig.NamespaceConfig`).flatMap((namespace) => {
    if (namespace['Type'] !== undefined && namespace['Type'] !== 'EventHub') {
      throw new ConfigError(
        `${file}: NamespaceConfig.Type must be "EventHub", not ${JSON.stringify(namespace['Type'])}`,
      );
    }
    return list(namespace['Entities'], `${file}: Entities`).map((entity) => readHub(entity, file, retention));
  });
}

function readHub(entity: Json, file: string, retention: HubRetention): EventHubConfig {
  const name = nameOf(entity, `${file}: Entities`, 256);
  const where = `${file}: Event Hub '${name}'`;
  const count = entity['PartitionCount'];
  const partitionCount = typeof count === 'string' && /^\d+$/.test(count) ? Number(count) : count;
  if (
    typeof partitionCount !== 'number' ||
    !Number.isInteger(partitionCount) ||
    partitionCount < 1 ||
    partitionCount > 32
  ) {
    throw new ConfigError(
      `${where}: PartitionCount must be a whole number from 1 to 32, not ${JSON.stringify(count)}`,
    );
  }
  const groups =
    entity['ConsumerGroups'] === undefined ? [] : list(entity['ConsumerGroups'], `${where}: ConsumerGroups`);
  const names = groups.map((group) => nameOf(group, `${where}: ConsumerGroups`, 50));
  const consumerGroups = names.filter((group) => group.toLowerCase() !== '$default');
  if (new Set(consumerGroups.map((group) => group.toLowerCase())).size !== consumerGroups.length) {
    throw new ConfigError(`${where}: a consumer group is declared twice`);
  }
  const own = retentionOf(entity, where);
  return { name, partitionCount, consumerGroups, retention: { ...retention, ...own } };
}
