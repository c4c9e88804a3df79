import path from 'node:path';
import type { Clock } from '@app/clock';
import {
  BlockCache,
  FilePartitionLog,
  FolderLock,
  NodeFileSystem,
  StagingMemory,
  type FileLogOptions,
  type Retention,
} from '@app/partition-log';
import { producerMarkOf } from '../amqp/producer-marks.js';
import type { EventHubConfig } from '../config/entities.js';
import type { Limits } from '../config/limits.js';
import type { Logger } from '../logging/logger.js';
import type { ServiceBusConfig } from '../config/service-bus-entities.js';
import { ServiceBus } from '../service-bus/service-bus.js';
import { openAgeClock } from './age-clock.js';
import { EventHub } from './event-hub.js';
import { openHubFile } from './hub-file.js';
import { RetentionSweep } from './retention-sweep.js';
import { ProducersStore } from './producers-store.js';

/**
 * The hubs of one data folder:
 *
 *   <data>/clock.json                                         where there is a retention by time
 *   <data>/eventhubs/<hub, lower case>/<partition>/*.log
 *                                     /<partition>.producers    once an idempotent producer has sent there
 *   <data>/servicebus/journal/*.log                           all queues and topics
 */
export class Engine {
  private constructor(
    private readonly lock: FolderLock,
    private readonly hubs: ReadonlyMap<string, EventHub>,
    private readonly sweep: RetentionSweep,
    readonly serviceBus: ServiceBus,
  ) {}

  /**
   * @throws FolderLockedError another engine has the folder
   * @throws CorruptLogError
   * @throws ConfigError the configuration does not fit what is in the folder
   */
  static async open(
    dataDir: string,
    { hubs: configs, serviceBus: busConfig }: EngineConfig,
    limits: Limits,
    clock: Clock,
    log: Logger,
  ): Promise<Engine> {
    await fileSystem.makeFolder(dataDir);
    const lock = await FolderLock.acquire(dataDir, (message) => log.warn(message));
    const partitions = configs.reduce((sum, { partitionCount }) => sum + partitionCount, 0);
    const tailCacheBytes = Math.floor(limits.tailCacheBytes / Math.max(partitions, 1));
    const blocks = new BlockCache(limits.readCacheBytes);
    const staging = new StagingMemory(tailCacheBytes);
    const hubs = new Map<string, EventHub>();
    const aged = configs.some(({ retention }) => retention.hours !== undefined);
    const ageClock = aged ? await openAgeClock(fileSystem, dataDir) : undefined;
    for (const config of configs) {
      const folder = path.join(dataDir, 'eventhubs', config.name.toLowerCase());
      const shared = { tailCacheBytes, blocks, staging, ageClock };
      hubs.set(config.name.toLowerCase(), await openHub(folder, config, shared, limits, log));
    }
    const limited = configs.filter(({ retention }) => Object.keys(retention).length > 0);
    const swept = limited.map(({ name }) => hubs.get(name.toLowerCase()) as EventHub);
    const serviceBus = await openServiceBus(dataDir, busConfig, limits, clock, log);
    return new Engine(lock, hubs, new RetentionSweep(swept, log), serviceBus);
  }

  hub(name: string): EventHub | undefined {
    return this.hubs.get(name.toLowerCase());
  }

  get all(): EventHub[] {
    return [...this.hubs.values()];
  }

  /** Partitions that have stopped acknowledging, as `hub/partition`. */
  get failed(): string[] {
    const partitions = this.all.flatMap(({ name, partitions }) =>
      partitions.filter(({ log }) => log.failure !== undefined).map(({ id }) => `${name}/${id}`),
    );
    return this.serviceBus.failure === undefined ? partitions : [...partitions, 'Service Bus'];
  }

  async close(): Promise<void> {
    await this.sweep.stop();
    await Promise.all([...this.all.map((hub) => hub.close()), this.serviceBus.close()]);
    await this.lock.release();
  }
}

const fileSystem = new NodeFileSystem();

/** What a configuration declares. */
export interface EngineConfig {
  readonly hubs: readonly EventHubConfig[];
  readonly serviceBus: ServiceBusConfig;
}

function openServiceBus(
  dataDir: string,
  config: ServiceBusConfig,
  limits: Limits,
  clock: Clock,
  log: Logger,
): Promise<ServiceBus> {
  const folder = path.join(dataDir, 'servicebus', 'journal');
  const {
    maxPendingBytes,
    maxQueueMessages: maxMessages,
    maxMessageIds,
    journalSegmentBytes: segmentBytes,
  } = limits;
  const tailCacheBytes = Math.min(limits.tailCacheBytes, 1024 * 1024);
  const sizes = { segmentBytes, maxPendingBytes, tailCacheBytes, maxMessageIds, maxMessages };
  return ServiceBus.open({ folder, fileSystem, config, clock, log, ...sizes });
}

async function openHub(
  folder: string,
  config: EventHubConfig,
  shared: Pick<FileLogOptions, 'tailCacheBytes' | 'blocks' | 'staging' | 'ageClock'>,
  limits: Limits,
  log: Logger,
): Promise<EventHub> {
  const report = (message: string) => log.warn(message);
  const retention = retentionOf(config);
  const { segmentBytes, maxPendingBytes } = limits;
  const options = { ...shared, fileSystem, segmentBytes, maxPendingBytes, retention, report };
  const open = (id: number) => FilePartitionLog.open({ folder: path.join(folder, String(id)), ...options });
  const created = await openHubFile(fileSystem, folder, config, Date.now());
  const logs = await Promise.all(Array.from({ length: config.partitionCount }, (_, id) => open(id)));
  const partitions = await Promise.all(
    logs.map(async (partitionLog, id) => ({
      id: String(id),
      log: partitionLog,
      delivered: { events: 0, bytes: 0 },
      producers: await ProducersStore.open({
        file: path.join(folder, `${id}.producers`),
        fileSystem,
        log: partitionLog,
        maxProducers: limits.maxProducers,
        markOf: producerMarkOf,
        report,
      }),
    })),
  );
  return new EventHub(config, partitions, created, limits.maxReaders);
}

const retentionOf = ({ retention: { hours, mib } }: EventHubConfig): Retention => ({
  ms: hours && hours * 3_600_000,
  bytes: mib && mib * 1024 * 1024,
});
