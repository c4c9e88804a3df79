import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type Random } from '@app/testing';
import type { Link } from '../platform/links.js';
import type { WholeSystemOptions } from '../system/whole-system.js';

/** What is done to a link; a reset is the commonest of faults, here as elsewhere. */
export const kinds = [
  'reset',
  'reset',
  'refused connections',
  'half-open',
  'silence',
  'swallowed answers',
  'single bytes',
  'delay',
] as const;
export type Kind = (typeof kinds)[number];

const everyMs = [300, 900] as const;
/** How long a fault lasts: from less than a request takes to longer than most time-outs of those who wait. */
const lastsMs = [20, 4_000] as const;
const meetsWithinMs = 10_000;

/**
 * Breaks the links between services, engine, PostgreSQL and profile, a few at a time, each when it is in use (again). A
 * fault counts when it has met somebody.
 */
export const breakNetwork =
  (faults: number): WholeSystemOptions['shoot'] =>
  async ({ links }, random) => {
    const met: Kind[] = [];
    const busy = new Map<Link, Promise<void>>();
    const deck: Kind[] = [];
    while (met.length + busy.size < faults) {
      await delay(random.between(...everyMs));
      const free = links.all.filter((link) => !busy.has(link) && link.proxy.inUse);
      if (free.length === 0) continue;
      if (deck.length === 0) deck.push(...random.shuffle(kinds));
      const [link, kind] = [random.pick(free), deck.pop() ?? 'reset'];
      const part = random.fork();
      const attempt = async () => {
        if (await strike(link, kind, part)) met.push(kind);
        busy.delete(link);
      };
      busy.set(link, attempt());
      if (met.length + busy.size >= faults) await Promise.all(busy.values());
    }
    const counts = kinds.map((kind) => [kind, met.filter((one) => one === kind).length]);
    return { 'network faults': met.length, ...(Object.fromEntries(counts) as Record<Kind, number>) };
  };

/** Answers whether the fault has met anybody. */
async function strike({ proxy }: Link, kind: Kind, random: Random): Promise<boolean> {
  const before = proxy.struck;
  if (kind === 'reset') proxy.reset();
  else if (kind === 'half-open') proxy.lose();
  else if (kind === 'silence') proxy.silence();
  else if (kind === 'swallowed answers') proxy.set({ swallowAnswers: true });
  else if (kind === 'single bytes') proxy.set({ singleBytes: 20_000 });
  else if (kind === 'delay') proxy.set({ delayMs: 1 + random.below(200) });
  else {
    proxy.refuse();
    proxy.reset();
  }
  if (kind === 'reset' || kind === 'half-open') return proxy.struck > before;
  await delay(random.between(...lastsMs));
  const struck = await eventually(() => proxy.struck > before, { timeoutMs: meetsWithinMs }).catch(
    () => false,
  );
  proxy.heal();
  return struck;
}
