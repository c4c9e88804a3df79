import { eventually, RunningPlatform } from '@app/testing';
import { LogObserver } from '../platform/log-observer.js';
import type { TorturePlatform } from '../platform/torture-platform.js';
import type { WholeSystemOptions } from '../system/whole-system.js';
import type { BadEvent } from './bad-events.js';
import { BadEventSource } from './bad-event-source.js';
import { type Expected, parkedIn, strictGroups } from './dead-letters.js';
import { judge, judgeDiscards, judgeOrder } from './judge.js';
import { nowIn, p99 } from './latency.js';
import { PoisonedCustomers } from './poisoned-customers.js';
import { withoutOthers } from './without-others.js';

export interface PoisonPlan {
  /** For whom handlers fail. */
  poisoned: number;
  /** Writes of the others before the poison, to compare with, and at least as many with it. */
  baseline: number;
}

/** Five attempts within 30 s, and a busy machine. */
const patience = { timeoutMs: 180_000, intervalMs: 250 };
/** Of a poisoned customer: what waits behind the event that fails. */
const later = 3;
/** What comes while it is redriven. */
const meanwhile = 2;
const discardReason = 'sent by nobody we know';

/** Poison in the stream: dead letters, what they hold up and what they do not, redrive and discard. */
export function poison({ poisoned, baseline }: PoisonPlan): Pick<WholeSystemOptions, 'shoot' | 'own'> {
  const sent: BadEvent[] = [];
  const shoot: WholeSystemOptions['shoot'] = async (platform, random, client, writers) => {
    const running = runningOf(platform);
    const notifications = await platform.sql('address-notifications');
    const customers = new PoisonedCustomers(client, running);
    await customers.add(poisoned, await platform.sql('search-indexer'));
    const quiet = await nowIn(notifications);
    await writers.reached(writers.acknowledged + baseline);
    const began = await nowIn(notifications);

    await customers.poison();
    const settings = { connectionString: platform.connectionString, eventHubName: 'customer-events' };
    const source = new BadEventSource(settings, writers, customers.ids[0] ?? '', random.fork());
    const enough = writers.reached(writers.acknowledged + baseline);
    for (let n = 0; n <= later; n++) await customers.change();
    await enough;
    await source.stop();
    sent.push(...source.sent);
    const unfit = sent.flatMap(({ message, reason }) =>
      reason ? [{ eventId: message.id, reason, attempts: 1, waitingBehind: 0 }] : [],
    );
    await untilParked(running, unfit.length + poisoned);
    const ended = await nowIn(notifications);

    const observer = new LogObserver('reader of the poison', platform.connectionString);
    const heads = await headsOf(observer, customers.ids);
    const isSeen = ({ message }: BadEvent) => observer.seen.some(({ eventId }) => eventId === message.id);
    await eventually(() => sent.every((one) => !one.reason || isSeen(one)), patience);
    const wrong = await judge(running, [...heads, ...unfit], observer.seen);

    await customers.heal();
    const arriving = Array.from({ length: meanwhile });
    for (const group of strictGroups) await running.post(group, '/admin/parked/redrive');
    for (const _ of arriving) await customers.change();
    await untilParked(running, unfit.length);
    wrong.push(...(await judge(running, unfit, observer.seen)));
    await discardAll(running, unfit);
    await untilParked(running, 0);
    for (const group of strictGroups)
      wrong.push(...(await judgeDiscards(await platform.sql(group), group, unfit, discardReason)));
    const noticed = 1 + later + meanwhile;
    wrong.push(...(await judgeOrder(notifications, customers.ids, noticed, observer)));
    await observer.close();

    const before = await p99(notifications, [quiet, began], customers.ids);
    const beside = await p99(notifications, [began, ended], customers.ids);
    return {
      'bad events': sent.length,
      'poisoned customers': poisoned,
      'dead letters': (heads.length + unfit.length) * strictGroups.length,
      'others’ notices before': before.events,
      'others’ notices with poison': beside.events,
      'p99 before, ms': Math.round(before.ms),
      'p99 with poison, ms': Math.round(beside.ms),
      wrong: wrong.length > 5 ? `${wrong.length}: ${wrong.slice(0, 5).join('; ')} …` : wrong.join('; '),
    };
  };
  return {
    shoot,
    own: (evidence) => withoutOthers(evidence, new Set(sent.map(({ message }) => message.id))),
  };
}

function runningOf(platform: TorturePlatform): RunningPlatform {
  const services = ['profile', 'search-indexer', 'address-notifications', 'audit'] as const;
  const urls = Object.fromEntries(services.map((name) => [name, platform.url(name)]));
  return new RunningPlatform(
    { console: '', mailbox: '', ...urls } as RunningPlatform['urls'],
    platform.token,
  );
}

/** So many dead letters in each group, and nothing that is still tried. */
async function untilParked(running: RunningPlatform, count: number): Promise<void> {
  for (const group of strictGroups)
    await eventually(async () => {
      const { retrying, parked } = await running.get<{ retrying: number; parked: number }>(
        group,
        '/admin/consumer',
      );
      const heads = (await parkedIn(running, group)).length;
      if (retrying > 0 || heads !== count)
        throw new Error(
          `${group}: ${heads} of ${count} dead letters, ${parked} parked, ${retrying} retrying`,
        );
      return true;
    }, patience);
}

/** The second version of each poisoned customer, by the hub. */
function headsOf({ seen }: LogObserver, ids: readonly string[]): Promise<Expected[]> {
  return eventually(() => {
    const heads = seen.filter(({ subject, version }) => version === 2 && ids.includes(subject));
    const distinct = [...new Set(heads.map(({ eventId }) => eventId))];
    if (distinct.length !== ids.length)
      throw new Error(`${distinct.length} of ${ids.length} heads on the hub`);
    return distinct.map((eventId) => ({
      eventId,
      reason: /InjectedFaultError/,
      attempts: 5,
      waitingBehind: later,
    }));
  }, patience);
}

async function discardAll(running: RunningPlatform, events: readonly Expected[]): Promise<void> {
  for (const group of strictGroups)
    for (const { eventId } of events)
      await running.post(group, `/admin/parked/${eventId}/discard`, { reason: discardReason });
}
