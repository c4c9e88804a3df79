import { setTimeout as delay } from 'node:timers/promises';
import { eventually, Random } from '@app/testing';
import { v7 as uuidv7 } from 'uuid';
import { keepData } from '../support/runs.js';
import { behaviours } from './hostile-handler.js';
import { judgeWebhooks } from './judge.js';
import { mostAttempts, WebhookStage } from './webhook-stage.js';

export interface WebhookRunSize {
  /** Published one by one, for the time that each takes: before, and while handlers are hostile. */
  timed: number;
  /** Sent while processes are killed, half of them to the stream. */
  events: number;
  kills: number;
}

export interface WebhookRun {
  figures: Record<string, number>;
  wrong: string[];
  keptAt: string;
}

/** Between two that are timed. */
const pacedMs = 20;
const drainMs = 900_000;

/**
 * Handlers of every kind want every event. While all are good, and again while all but one are hostile, the time from
 * publishing to the good one is taken; then engine and replicas are killed under events, until all is quiet again.
 */
export async function shootAtWebhooks(size: WebhookRunSize, seed: number): Promise<WebhookRun> {
  const random = new Random(seed);
  const stage = await WebhookStage.start();
  const acknowledged: string[] = [];
  const uncertain = new Set<string>();
  let failed = true;
  try {
    await timed(stage, size.timed, acknowledged); // To warm up.
    const calm = await timed(stage, size.timed, acknowledged);
    // Of these, all are delivered by whoever was good then: the judge is asked about those that come after.
    const warmUp = acknowledged.splice(0);
    for (const id of warmUp) uncertain.add(id);
    for (const handler of stage.handlers.values()) handler.isHostile = true;
    const hostile = await timed(stage, size.timed, acknowledged);
    const kills = await shoot(stage, size, random, { acknowledged, uncertain });
    const began = performance.now();
    // The judge tells what is missing.
    await eventually(async () => (await stage.waiting()) === 0 && hasAll(stage, acknowledged), {
      timeoutMs: drainMs,
      intervalMs: 500,
    }).catch(() => undefined);
    const drained = performance.now() - began;
    const seen = [...stage.handlers.values()].map(({ name, came, wrongSignatures, trapped }) => {
      return { subscription: name, came, wrongSignatures, trapped, delivers: behaviours[name].delivers };
    });
    const before = new Set(warmUp);
    const kept = (await stage.deliveries()).filter(({ eventId }) => !before.has(eventId));
    const wrong = judgeWebhooks({ acknowledged, uncertain, kept, seen, mostAttempts });
    failed = wrong.length > 0;
    const good = stage.handlers.get('good')?.came ?? new Map<string, number>();
    const figures = {
      events: acknowledged.length,
      'may have been taken': uncertain.size - warmUp.length,
      deliveries: kept.length,
      dead: kept.filter(({ state }) => state === 'dead').length,
      ...kills,
      'came again to the good one': [...good.values()].filter((times) => times > 1).length,
      'ms to the good one, all good': calm,
      '… others hostile': hostile,
      'ms to drain': drained,
    };
    return { figures, wrong, keptAt: await stage.stop(failed || keepData()) };
  } catch (error) {
    await stage.stop(true);
    throw error;
  }
}

const hasAll = ({ handlers }: WebhookStage, ids: readonly string[]): boolean =>
  ids.every((id) => handlers.get('good')?.came.has(id));

/** @returns the median from publishing to the good handler, in milliseconds */
async function timed(stage: WebhookStage, count: number, acknowledged: string[]): Promise<number> {
  const began = new Map<string, number>();
  for (let n = 0; n < count; n++) {
    const id = uuidv7();
    began.set(id, performance.now());
    if (await stage.publish(id, 0)) acknowledged.push(id);
    await delay(pacedMs);
  }
  const good = stage.handlers.get('good');
  await eventually(() => hasAll(stage, [...began.keys()]), { timeoutMs: 60_000 });
  const times = [...began].map(([id, at]) => (good?.firstAt.get(id) ?? 0) - at).toSorted((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}

const targets = ['engine', 'grid', 'other'] as const;

/** Slice by slice; in each, one process is killed while its events are on their way. */
async function shoot(
  stage: WebhookStage,
  { events, kills }: WebhookRunSize,
  random: Random,
  published: { acknowledged: string[]; uncertain: Set<string> },
): Promise<Record<string, number>> {
  const perShot = Math.ceil(events / kills / 2);
  const shots = { engine: 0, grid: 0, other: 0 };
  for (let shot = 0; shot < kills; shot++) {
    const ids = Array.from({ length: perShot }, () => uuidv7());
    const customerId = uuidv7();
    const sending = stage.send(String(random.below(4)), customerId, ids);
    const publishing = publishAll(stage, perShot, random, published);
    // Each once at least.
    const target = targets[shot] ?? random.pick(targets);
    await delay(random.below(150));
    if (stage.processes[target].signal('SIGKILL')) shots[target]++;
    await Promise.all([sending, publishing]);
    published.acknowledged.push(...ids);
    await Promise.all(Object.values(stage.processes).map((one) => one.whenUp()));
  }
  return {
    'kills of the engine': shots.engine,
    'kills of a replica': shots.grid + shots.other,
  };
}

async function publishAll(
  stage: WebhookStage,
  count: number,
  random: Random,
  { acknowledged, uncertain }: { acknowledged: string[]; uncertain: Set<string> },
): Promise<void> {
  for (let n = 0; n < count; n++) {
    const id = uuidv7();
    if (await stage.publish(id, random.below(2))) acknowledged.push(id);
    else uncertain.add(id);
  }
}
