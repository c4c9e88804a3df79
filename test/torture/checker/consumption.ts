import type { GroupEvidence, LogObservation, Movement } from './evidence.js';
import type { Findings } from './findings.js';

/** Point 5, for one group: nothing is skipped, checkpoints only grow and never pass what was applied. */
export function checkConsumption(
  group: GroupEvidence,
  log: readonly LogObservation[],
  findings: Findings,
): void {
  checkMovements(group, findings);
  const last = generationOf(group);
  const applied = new Map(
    group.applied.filter(({ generation }) => generation === last).map((one) => [one.eventId, one.movement]),
  );
  const aside = new Set(group.aside);
  const passes = passesOf(group.movements, last);
  for (const record of firstRecords(log, group.wanted)) {
    const { partition, sequenceNumber, eventId, inboxKey: key = eventId } = record;
    const pass = firstPast(passes.get(partition) ?? [], sequenceNumber);
    if (!pass || aside.has(eventId)) continue;
    const name = `${group.group}: ${partition}/${sequenceNumber} (${eventId})`;
    if (!applied.has(key)) findings.add('skipped', name);
    else if ((applied.get(key) ?? -1) > pass.index) findings.add('checkpoint-ahead', name);
  }
}

/** How far a partition had come with a movement, at the most until then. */
interface Pass {
  reached: number;
  /** The movement's. */
  index: number;
}

function passesOf(movements: readonly Movement[], generation: number): Map<string, Pass[]> {
  const passes = new Map<string, Pass[]>();
  for (const [index, movement] of movements.entries()) {
    if (movement.generation !== generation) continue;
    const mine = passes.get(movement.partition) ?? [];
    passes.set(movement.partition, mine);
    mine.push({ reached: Math.max(movement.sequenceNumber, mine.at(-1)?.reached ?? -1), index });
  }
  return passes;
}

/** By halving: a long run has as many movements as events. */
function firstPast(passes: readonly Pass[], sequenceNumber: number): Pass | undefined {
  let [low, high] = [0, passes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((passes[middle]?.reached ?? 0) >= sequenceNumber) high = middle;
    else low = middle + 1;
  }
  return passes[low];
}

/** In the order of the commits, a partition's epochs and, within a generation, its positions never go down. */
function checkMovements({ group, movements, leases = [] }: GroupEvidence, findings: Findings): void {
  const holders = new Map(leases.map(({ partition, epoch, writer }) => [`${partition} ${epoch}`, writer]));
  const before = new Map<string, Movement>();
  for (const movement of movements) {
    const { partition, epoch, generation, sequenceNumber } = movement;
    const holder = holders.get(`${partition} ${epoch}`);
    if (holder !== undefined && movement.writer !== holder)
      findings.add('stale-commit', `${group} ${partition}: ${movement.writer} while ${holder} held it`);
    const last = before.get(partition);
    before.set(partition, movement);
    if (!last) continue;
    const name = `${group} ${partition}`;
    if (epoch < last.epoch) findings.add('stale-commit', `${name}: epoch ${epoch} after ${last.epoch}`);
    if (generation === last.generation && sequenceNumber < last.sequenceNumber)
      findings.add('checkpoint-back', `${name}: ${sequenceNumber} after ${last.sequenceNumber}`);
  }
}

const generationOf = ({ movements }: GroupEvidence): number =>
  Math.max(1, ...movements.map(({ generation }) => generation));

/** Each wanted event where it stands first: what comes again is known by its id. */
function firstRecords(
  log: readonly LogObservation[],
  wanted: readonly string[] | undefined,
): LogObservation[] {
  const first = new Map<string, LogObservation>();
  for (const record of log) {
    if (wanted && !wanted.includes(record.type)) continue;
    const known = first.get(record.eventId);
    if (!known || record.sequenceNumber < known.sequenceNumber) first.set(record.eventId, record);
  }
  return [...first.values()];
}
