import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { actEventType, eventTypes, isEventType } from '@app/contracts';
import { Random, workspaceRoot } from '@app/testing';
import { handlersIn } from '../../../tools/docs/handlers.mjs';
import { check } from '../checker/check.js';
import { readGroup } from '../checker/read-group.js';
import type { Run } from '../checker/report.js';
import { watchPositionsSql } from '../checker/watch-positions.sql.js';
import { type FaultPlan, injectFaults } from '../faults/injector.js';
import { LogObserver } from '../platform/log-observer.js';
import { rowsOf } from '../platform/rows.js';
import { keepData } from '../support/runs.js';
import { beginReplay, caughtUp } from './caught-up.js';
import { ConsumerStage, type Crew } from './consumer-stage.js';
import { cutConnections } from './cut-connections.js';
import { columnsOfChance, type Leavings, linesOf, type OnTheHub, readLeavings } from './leavings.js';
import { LifeSource } from './life-source.js';
import { ownTables, outsideIn, watchInsertsSql } from './own-tables.js';

export interface ConsumerStormOptions extends Pick<FaultPlan, 'kills' | 'stops'> {
  consumer: string;
  seed: number;
  events: number;
  /** How often PostgreSQL ends all its connections. */
  cuts: number;
  sabotage?: string;
}

const partitionCount = 4;
const pace = { everyMs: [300, 1_200], stoppedMs: [500, 3_000] } as const;
const cutEveryMs = [500, 3_000] as const;

/**
 * A consumer whose handlers nobody here knows: two processes of it and the engine are killed and stopped, and its
 * connections to PostgreSQL ended, while events come, some twice, and again while it replays them. What it leaves is held
 * against what it leaves in peace.
 */
export async function stormConsumer({
  consumer,
  seed,
  events,
  sabotage,
  kills,
  stops,
  cuts,
}: ConsumerStormOptions): Promise<Run> {
  const random = new Random(seed);
  const handlers = handlersIn(workspaceRoot).filter(({ app }) => app === consumer);
  const types = handlers.flatMap((one) =>
    one.types.includes('*') ? [...eventTypes] : one.types.filter(isEventType),
  );
  const stage = await ConsumerStage.open(consumer);
  const observer = new LogObserver('reader of the run', stage.connectionString);
  const settings = { connectionString: stage.connectionString, eventHubName: 'customer-events' };
  const source = new LifeSource(settings, stage.profile.keys, random.fork(), {
    types: [...new Set(types)].filter((type) => type !== 'CustomerErased'),
    filters: handlers.flatMap(({ filters }) => filters),
    partitionCount,
    events,
    historyFile: join(stage.folder, 'history.jsonl'),
  });
  let keep = true;
  try {
    const own = await schemaOf(stage);
    const env: Record<string, string> =
      sabotage === undefined ? {} : { TORTURE_SABOTAGE: sabotage, TORTURE_TABLES: own.join(',') };
    const crew = await stage.crew('stormy', { replicas: 2, env });
    await migrated(crew, own);
    await Promise.all(crew.processes.map((one) => one.start()));
    const targets = [stage.broker, ...crew.processes];
    let ended = 0;
    const shoot = async (part: number) => {
      const faults = { ...pace, kills: Math.ceil(kills / part), stops: Math.ceil(stops / part) };
      const cutting = cutConnections(crew, { cuts: Math.ceil(cuts / part), cutEveryMs }, random.fork());
      const [shots, cut] = await Promise.all([injectFaults(targets, faults, random.fork()), cutting]);
      ended += cut;
      return shots;
    };
    const [faults] = await Promise.all([shoot(1), source.run()]);
    await caughtUp(crew, observer, stage.token);
    const first = await readGroup(rowsOf(crew.sql), consumer);
    await beginReplay(crew, stage.token);
    faults.push(...(await shoot(4)));
    await caughtUp(crew, observer, stage.token);
    const stormy = await readLeavings(crew.sql, own, onTheHub(observer, source, 0));
    const groups = [first, await readGroup(rowsOf(crew.sql), consumer)];
    const outside = await outsideIn(crew.sql);
    await Promise.all(crew.processes.map((one) => one.stop()));

    const calm = [
      await inPeace(stage, 'calm', own, observer, source),
      await inPeace(stage, 'again', own, observer, source),
    ] as const;
    const chance = columnsOfChance(...calm);
    const taken = new Set(calm[0].done);
    const log = observer.seen.filter(({ eventId }) => source.acknowledged.has(eventId));
    const lines = { calm: linesOf(calm[0], chance), found: linesOf(stormy, chance) };
    const findings = check({
      groups: groups.map((group) => ({
        ...group,
        aside: [...group.aside, ...log.map(({ eventId }) => eventId).filter((id) => !taken.has(id))],
      })),
      log,
      calm: {
        consumer,
        ...lines,
        outside,
        sent: [...source.acknowledged],
      },
    });
    keep = keepData() || (findings.length > 0 && sabotage === undefined);
    if (keep)
      await writeFile(join(stage.folder, 'evidence.json'), JSON.stringify({ ...lines, outside, groups }));
    const figures = {
      'events sent': source.acknowledged.size,
      records: log.length,
      'sent again': log.length - source.acknowledged.size,
      'let through by its filters': taken.size,
      'own tables': own.join(', ') || 'none',
      'rows and events of its own': lines.calm.length - taken.size,
      kills: faults.filter(({ kind }) => kind === 'SIGKILL').length,
      stops: faults.filter(({ kind }) => kind === 'SIGSTOP').length,
      'connections ended': ended,
      'left to chance': [...chance].join(', ') || 'nothing',
    };
    const name = sabotage === undefined ? consumer : `${consumer} with the bug ${sabotage}`;
    return { name, seed, figures, findings, ...(keep && { keptAt: stage.folder }) };
  } catch (error) {
    throw new Error(`${consumer} with SEED=${seed} broke off, data in ${stage.folder}`, { cause: error });
  } finally {
    await source.close();
    await observer.close();
    await stage.close(keep);
  }
}

/** Its own tables, as its migrations make them. */
async function schemaOf(stage: ConsumerStage): Promise<string[]> {
  const crew = await stage.crew('first', { replicas: 0 });
  await crew.founder.start();
  await crew.founder.stop();
  return ownTables(crew.sql);
}

/** Makes the tables without a bug, so that what is watched is there before anything happens. */
async function migrated(crew: Crew, own: readonly string[]): Promise<void> {
  await crew.founder.start();
  await crew.founder.stop();
  await crew.sql.query(watchPositionsSql);
  await crew.sql.query(watchInsertsSql(own));
}

/** The same events and a replay, with one process and no fault. */
async function inPeace(
  stage: ConsumerStage,
  name: string,
  own: readonly string[],
  observer: LogObserver,
  source: LifeSource,
): Promise<Leavings> {
  const from = observer.seen.length;
  const crew = await stage.crew(name, { replicas: 1 });
  await crew.processes[0]?.start();
  await caughtUp(crew, observer, stage.token);
  await beginReplay(crew, stage.token);
  await caughtUp(crew, observer, stage.token);
  const left = await readLeavings(crew.sql, own, onTheHub(observer, source, from));
  await crew.processes[0]?.stop();
  return left;
}

/** Each event once, however often a relay has sent it. @param from where in what was seen the run began */
function onTheHub({ seen }: LogObserver, { acknowledged: sent }: LifeSource, from: number): OnTheHub {
  const foreign = seen.filter(({ eventId }) => !sent.has(eventId));
  const others = new Set(foreign.map(({ eventId }) => eventId));
  const fresh = seen.slice(from).filter(({ eventId }) => others.has(eventId));
  // A replay whose command had no answer is asked for again: its acts compare nothing.
  const told = fresh.filter(({ type }) => type !== actEventType);
  const lines = new Map(told.map(({ eventId, type, subject }) => [eventId, `${type} ${subject}`]));
  return { sent, others, written: [...lines.values()] };
}
