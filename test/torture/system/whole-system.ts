import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../checker/check.js';
import type { ChainHeadEvidence, Evidence, LogObservation } from '../checker/evidence.js';
import type { Run } from '../checker/report.js';
import { watchPositionsSql } from '../checker/watch-positions.sql.js';
import { type FaultPlan, injectFaults } from '../faults/injector.js';
import { LogObserver } from '../platform/log-observer.js';
import { untilSettled } from '../platform/settled.js';
import { consumerNames, type PlatformOptions, TorturePlatform } from '../platform/torture-platform.js';
import { readHeads, readTruth } from '../platform/truth.js';
import { Random } from '@app/testing';
import { keepData, sizeOf } from '../support/runs.js';
import { Caller } from '../workload/caller.js';
import { CustomerClient } from '../workload/customer-client.js';
import { HistoryFile } from '../workload/history-file.js';
import { Writers } from '../workload/writers.js';

export interface WholeSystemOptions {
  name: string;
  seed: number;
  writes: number;
  customers: number;
  platform?: PlatformOptions;
  /** Requests under way at a time; 16 unless told. */
  writers?: number;
  /** Takes out of the evidence what was put on the hub by others than profile. */
  own?: (evidence: Evidence) => Evidence;
  /** Does its worst to the platform, while clients write, and answers how much of it. */
  shoot: (
    platform: TorturePlatform,
    random: Random,
    client: CustomerClient,
    writers: Writers,
  ) => Promise<Record<string, number | string>>;
}

const windowMs = 3_000;
/** Alone there is time to wait for the machine's other work. */
const windows = sizeOf({ ci: 20, full: 100, soak: 100 });
const leastRate = 100;
const stoppedMs = [500, 3_000] as const;
/** Beyond what is allowed, so that the report says how long it took. */
const patienceMs = 120_000;

/** Kills and stops profile with its relay, the broker and the consumers. */
export const shootAtProcesses =
  (plan: Omit<FaultPlan, 'stoppedMs'>): WholeSystemOptions['shoot'] =>
  async (platform, random) => {
    const targets = ['profile', 'broker', ...consumerNames].map((name) => platform.process(name));
    const faults = await injectFaults(targets, { ...plan, stoppedMs }, random);
    const kills = faults.filter(({ kind }) => kind === 'SIGKILL').length;
    return { kills, stops: faults.length - kills };
  };

/** Writers, faults, and at the end what is there held against what was answered. */
export async function wholeSystem({ name, seed, shoot, ...options }: WholeSystemOptions): Promise<Run> {
  const random = new Random(seed);
  const platform = await TorturePlatform.start(options.platform);
  let keep = keepData();
  const ending: (() => Promise<void>)[] = [];
  try {
    for (const consumer of consumerNames) await (await platform.sql(consumer)).query(watchPositionsSql);
    const observer = new LogObserver('reader during the run', platform.connectionString);
    ending.push(() => observer.close());
    const history = new HistoryFile(join(platform.folder, 'writers.jsonl'), 'writers');
    const caller = new Caller(platform.url('profile'));
    ending.push(async () => caller.close());
    const client = new CustomerClient(caller, platform.token, history);
    const writers = new Writers(
      client,
      { customers: options.customers, writers: options.writers ?? 16 },
      random.fork(),
    );
    ending.push(() => writers.stop());
    const began = performance.now();
    const rate = await rateOf(writers);
    const heads: ChainHeadEvidence[] = [];
    const faults = await shoot(platform, random.fork(), client, writers);
    heads.push(...(await readHeads(await platform.sql('audit'))));
    await writers.reached(options.writes);
    await writers.stop();
    const wrote = performance.now() - began;
    const { ms, left } = await untilSettled(platform, patienceMs);
    const truth = await readTruth(platform);
    history.close();
    const evidence = {
      ...truth,
      history: history.entries,
      log: [...observer.seen, ...(truth.log ?? [])],
      ...(truth.audit && { audit: { ...truth.audit, heads } }),
    };
    const findings = check(options.own?.(evidence) ?? evidence);
    keep ||= findings.length > 0 || left.length > 0;
    const figures = {
      writes: writers.acknowledged,
      'without an answer': history.entries.filter(({ phase }) => phase === 'info').length,
      refused: history.entries.filter(({ phase }) => phase === 'fail').length,
      ...faults,
      restarts: [...platform.processes.values()].reduce((sum, { starts }) => sum + starts - 1, 0),
      'writes/s before the first fault': Math.round(rate),
      'writes/s': Math.round((writers.acknowledged / wrote) * 1_000),
      versions: truth.database?.reduce((sum, { version }) => sum + version, 0) ?? 0,
      records: truth.log?.length ?? 0,
      'records of versions': new Set(truth.log?.filter(isVersion).map(({ eventId }) => eventId)).size,
      'sent again': (truth.log?.length ?? 0) - new Set(truth.log?.map(({ eventId }) => eventId)).size,
      'ms to drain': Math.round(ms),
      left: left.join(', '),
    };
    return { name, seed, figures, findings, ...(keep && { keptAt: platform.folder }) };
  } catch (error) {
    keep = true;
    throw new Error(`${name} with SEED=${seed} broke off, data in ${platform.folder}`, { cause: error });
  } finally {
    for (const end of ending.toReversed()) await end();
    await platform.stop(keep);
  }
}

const isVersion = ({ version }: LogObservation): boolean => !Number.isNaN(version);

/** Writes a second before the first fault: a cold start has a few windows of time to come to its pace. */
async function rateOf(writers: Writers): Promise<number> {
  let best = 0;
  for (let n = 0; n < windows && best < leastRate; n++) {
    const before = writers.acknowledged;
    await delay(windowMs);
    best = Math.max(best, ((writers.acknowledged - before) / windowMs) * 1_000);
  }
  return best;
}
