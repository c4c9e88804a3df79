import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@app/testing';
import type { Exchange } from '../workload/caller.js';
import type { WholeSystemOptions } from '../system/whole-system.js';
import { consumerNames } from '../platform/torture-platform.js';
import { atTheSignal, told, truncated } from './accepted.js';
import { Visitors } from './visitors.js';

const targets = ['profile', 'broker', 'mailbox', ...consumerNames];
/** Between the last process's return and the next signal, in milliseconds. */
const betweenMs = [200, 1_500] as const;
/** What was under way at a signal has ended by then, one way or the other. */
const settledMs = 35_000;

/** Tells every process to end, one after the other, so many times over, while all of them have something to do. */
export const terminateEach =
  (rounds: number): WholeSystemOptions['shoot'] =>
  async (platform, random, { caller }) => {
    const visitors = new Visitors(platform);
    const clientsOf = (name: string): Exchange[] =>
      name === 'profile'
        ? caller.exchanges
        : (visitors.callers.get(name === 'broker' ? 'broker-http' : name)?.exchanges ?? []);
    const signals: { name: string; atMs: number }[] = [];
    let [slowestMs, orderly] = [0, 0];
    for (let n = 0; n < rounds; n++) {
      for (const name of random.shuffle(targets)) {
        await Promise.all([...platform.processes.values()].map((one) => one.whenUp()));
        await delay(random.between(...betweenMs));
        signals.push({ name, atMs: performance.now() });
        const { ms, code } = await platform.process(name).terminate();
        slowestMs = Math.max(slowestMs, ms);
        if (code === 0) orderly++;
      }
    }
    await Promise.all([...platform.processes.values()].map((one) => one.whenUp()));
    await visitors.stop();
    const sent = signals.map(({ name, atMs }) => ({ name, atMs, exchanges: clientsOf(name) }));
    await eventually(
      () =>
        sent.every(({ atMs, exchanges }) =>
          exchanges.every((one) => one.endedMs !== undefined || (one.sentMs ?? Infinity) > atMs),
        ),
      { timeoutMs: settledMs, intervalMs: 100 },
    );
    const found = sent.map(({ name, atMs, exchanges }) => ({ name, asked: atTheSignal(exchanges, atMs) }));
    const failed = found.flatMap(({ name, asked }) => asked.failed.map((one) => `${name} ${told(one)}`));
    const cut = targets.flatMap((name) => truncated(clientsOf(name)).map((one) => `${name} ${told(one)}`));
    const last = targets.reduce((sum, name) => sum + clientsOf(name).filter((one) => one.last).length, 0);
    return {
      signals: signals.length,
      'exits with code 0': orderly,
      'slowest exit, ms': Math.round(slowestMs),
      'requests at a signal': found.reduce((sum, { asked }) => sum + asked.accepted.length, 0),
      'answered as the last of a connection': last,
      'failed of them': summary(failed),
      'cut short': summary(cut),
    };
  };

const mostExamples = 5;

/** Empty where there is nothing to tell. */
const summary = (all: readonly string[]): string =>
  all.length > mostExamples ? `${all.length}: ${all.slice(0, mostExamples).join(', ')} …` : all.join(', ');
