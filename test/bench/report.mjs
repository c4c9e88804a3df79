// What a bench prints: a heading that says how the machine was, a table, and how to run it again.
import { statfsSync } from 'node:fs';
import os from 'node:os';

const TMPFS = 0x01021994;

/** @typedef {{ what: string, target?: string, measured: string, beside?: string, verdict?: string }} Row */

/** `short` misses the target, `met` holds it, `ahead` reaches what performance.md reaches for (10 % better without). */
export function judge(/** @type {number} */ value, { must, reach, atMost = false }) {
  const holds = (limit) => (atMost ? value <= limit : value >= limit);
  if (!holds(must)) return 'short';
  return holds(reach ?? must * (atMost ? 0.9 : 1.1)) ? 'ahead' : 'met';
}

/** So many a second. */
export const perSecond = ({ events, seconds }) => events / seconds;
export const rate = (/** @type {number} */ value) =>
  value >= 10_000 ? `${(value / 1000).toFixed(1)} k/s` : `${Math.round(value).toLocaleString('en')}/s`;

export function median(/** @type {number[]} */ values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The lowest and the highest, to show how far rounds lie apart. */
export function spread(/** @type {number[]} */ values, digits = 2) {
  return `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
}

export function printHeading(/** @type {string} */ title) {
  const load = os.loadavg()[0];
  const machine = `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  console.log(`\n${title}\n${machine}, Node ${process.versions.node}, load average ${load.toFixed(2)}`);
  if (load > 1) console.log('! Something else works on this machine: figures will be worse, ratios less so.');
  if (statfsSync(os.tmpdir()).type === TMPFS) {
    console.log(`! ${os.tmpdir()} is memory, where a sync costs nothing: TMPDIR= chooses a disk.`);
  }
}

/** Cells of a column under each other, a column without any cell left out. */
export function printTable(/** @type {Row[]} */ rows) {
  const columns = ['what', 'target', 'measured', 'beside', 'verdict'];
  const used = columns.filter((name) => rows.some((row) => row[name]));
  const titles = Object.fromEntries(used.map((name) => [name, name === 'what' ? '' : name]));
  const widths = used.map((name) => Math.max(...[titles, ...rows].map((row) => (row[name] ?? '').length)));
  const line = (row) =>
    used
      .map((name, i) => (row[name] ?? '').padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  console.log(`\n${line(titles)}\n${widths.map((width) => '─'.repeat(width)).join('──')}`);
  for (const row of rows) console.log(line(row));
}
