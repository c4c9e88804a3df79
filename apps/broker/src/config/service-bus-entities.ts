import type { Rule } from '../service-bus/filters/filter.js';
import { ConfigError } from './config-error.js';
import { isObject, list, nameOf, readConfig, type Json } from './config-files.js';
import { readDuration } from './durations.js';
import { readRules } from './service-bus-rules.js';

/** What holds for a queue or a subscription. Times in milliseconds. */
export interface QueueConfig {
  readonly name: string;
  readonly lockMs: number;
  readonly maxDeliveries: number;
  /** Of messages that say nothing, and the most they may say; Infinity = they stay. */
  readonly ttlMs: number;
  readonly deadLetterOnExpiry: boolean;
  readonly requiresSession: boolean;
  /** Set where duplicates are detected: for how long an id is remembered. */
  readonly duplicateWindowMs: number | undefined;
  readonly maxBytes: number;
  /** Another queue or topic that messages go to instead. */
  readonly forwardTo: string | undefined;
  /** Another queue that dead letters go to. */
  readonly forwardDeadLettersTo: string | undefined;
}

export interface SubscriptionConfig extends QueueConfig {
  readonly rules: readonly Rule[];
}

export interface TopicConfig {
  readonly name: string;
  readonly ttlMs: number;
  readonly duplicateWindowMs: number | undefined;
  readonly maxBytes: number;
  readonly subscriptions: readonly SubscriptionConfig[];
}

export interface ServiceBusConfig {
  readonly queues: readonly QueueConfig[];
  readonly topics: readonly TopicConfig[];
}

const MiB = 1024 * 1024;

/**
 * Reads the queues and topics of configuration files in the official Service Bus emulator's format; a file of the Event
 * Hubs emulator (`UserConfig.NamespaceConfig`) declares none.
 * @throws ConfigError naming file and place
 */
export async function loadServiceBus(files: readonly string[]): Promise<ServiceBusConfig> {
  const queues: QueueConfig[] = [];
  const topics: TopicConfig[] = [];
  for (const file of files) {
    const read = readServiceBus(await readConfig(file), file);
    queues.push(...read.queues);
    topics.push(...read.topics);
  }
  const names = [...queues, ...topics].map(({ name }) => name.toLowerCase());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ConfigError(`${files.join(', ')}: '${twice}' is declared twice`);
  for (const queue of [...queues, ...topics.flatMap(({ subscriptions }) => subscriptions)])
    checkForwards(queue, names, queues);
  return { queues, topics };
}

function checkForwards(
  { name, forwardTo, forwardDeadLettersTo }: QueueConfig,
  names: string[],
  queues: QueueConfig[],
): void {
  if (forwardTo !== undefined && !names.includes(forwardTo.toLowerCase()))
    throw new ConfigError(`'${name}': ForwardTo '${forwardTo}' is not declared`);
  const target = forwardDeadLettersTo?.toLowerCase();
  if (target !== undefined && !queues.some((queue) => queue.name.toLowerCase() === target))
    throw new ConfigError(
      `'${name}': ForwardDeadLetteredMessagesTo '${forwardDeadLettersTo}' is no queue declared here`,
    );
}

/** @throws ConfigError */
export function readServiceBus(user: Json, file: string): ServiceBusConfig {
  if (user['Namespaces'] === undefined) return { queues: [], topics: [] };
  const namespaces = list(user['Namespaces'], `${file}: UserConfig.Namespaces`);
  return {
    queues: namespaces.flatMap((namespace) =>
      optionalList(namespace['Queues'], `${file}: Queues`).map((entry) =>
        readQueue(entry, `${file}: Queue`, 260),
      ),
    ),
    topics: namespaces.flatMap((namespace) =>
      optionalList(namespace['Topics'], `${file}: Topics`).map((entry) => readTopic(entry, file)),
    ),
  };
}

const optionalList = (value: unknown, where: string): Json[] =>
  value === undefined ? [] : list(value, where);

function readTopic(entry: Json, file: string): TopicConfig {
  const name = nameOf(entry, `${file}: Topics`, 260);
  const where = `${file}: Topic '${name}'`;
  const { ttlMs, duplicateWindowMs, maxBytes } = readProperties(entry, where);
  const subscriptions = optionalList(entry['Subscriptions'], `${where}: Subscriptions`).map((one) => {
    const queue = readQueue(one, `${where}: Subscription`, 50);
    if (queue.duplicateWindowMs !== undefined)
      throw new ConfigError(
        `${where}: duplicates are detected by the topic, not by its subscription '${queue.name}'`,
      );
    const rules = readRules(optionalList(one['Rules'], `${where}: Rules`), `${where}, '${queue.name}'`);
    return Object.assign(queue, { maxBytes, ttlMs: Math.min(queue.ttlMs, ttlMs), rules });
  });
  const names = subscriptions.map((one) => one.name.toLowerCase());
  if (new Set(names).size !== names.length)
    throw new ConfigError(`${where}: a subscription is declared twice`);
  return { name, ttlMs, duplicateWindowMs, maxBytes, subscriptions };
}

/** A new object. */
function readQueue(entry: Json, where: string, maxLength: number): QueueConfig {
  const name = nameOf(entry, where, maxLength);
  return { name, ...readProperties(entry, `${where} '${name}'`) };
}

function readProperties(entry: Json, where: string): Omit<QueueConfig, 'name'> {
  const given = entry['Properties'] ?? {};
  if (!isObject(given)) throw new ConfigError(`${where}: Properties must be an object`);
  const duration = (key: string, byDefault: number, least: number, most: number): number => {
    if (given[key] === undefined) return byDefault;
    const ms = readDuration(given[key], `${where}: ${key}`);
    if (ms < least || ms > most)
      throw new ConfigError(`${where}: ${key} must be from ${least / 1_000} to ${most / 1_000} seconds`);
    return ms;
  };
  const detects = flag(given, 'RequiresDuplicateDetection', where);
  const windowMs = duration('DuplicateDetectionHistoryTimeWindow', 600_000, 20_000, 604_800_000);
  return {
    lockMs: duration('LockDuration', 60_000, 1_000, 300_000),
    maxDeliveries: number(given, 'MaxDeliveryCount', 10, 1, 2_000, where),
    ttlMs: duration('DefaultMessageTimeToLive', Infinity, 1_000, Infinity),
    deadLetterOnExpiry: flag(given, 'DeadLetteringOnMessageExpiration', where),
    requiresSession: flag(given, 'RequiresSession', where),
    duplicateWindowMs: detects ? windowMs : undefined,
    maxBytes: number(given, 'MaxSizeInMegabytes', 1_024, 1, 81_920, where) * MiB,
    forwardTo: optionalText(given, 'ForwardTo', where),
    forwardDeadLettersTo: optionalText(given, 'ForwardDeadLetteredMessagesTo', where),
  };
}

function flag(given: Json, key: string, where: string): boolean {
  const value = given[key] ?? false;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new ConfigError(`${where}: ${key} must be true or false, not ${JSON.stringify(value)}`);
}

function number(
  given: Json,
  key: string,
  byDefault: number,
  least: number,
  most: number,
  where: string,
): number {
  const value = given[key] ?? byDefault;
  const read = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof read === 'number' && Number.isInteger(read) && read >= least && read <= most) return read;
  throw new ConfigError(
    `${where}: ${key} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`,
  );
}

function optionalText(given: Json, key: string, where: string): string | undefined {
  const value = given[key] ?? '';
  if (typeof value !== 'string')
    throw new ConfigError(`${where}: ${key} must be a name, not ${JSON.stringify(value)}`);
  return value === '' ? undefined : value;
}
