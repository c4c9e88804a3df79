import { anomalies, type Finding } from './findings.js';

export interface Run {
  /** What was run, such as "T4". */
  name: string;
  seed: number;
  /** What was done, in the words of the report: writes, kills, time to drain. */
  figures: Readonly<Record<string, number | string>>;
  findings: readonly Finding[];
  /** Where histories and databases are kept for somebody to look at. */
  keptAt?: string;
}

/** A run in a few lines: figures, then each anomaly with its count and first examples. */
export function reportOf({ name, seed, figures, findings, keptAt }: Run): string {
  const told = Object.entries(figures).map(([what, value]) => `${what} ${shown(value)}`);
  const lines = [`${findings.length === 0 ? '✓' : '✗'} ${name}: ${told.join(', ')} (SEED=${seed})`];
  for (const { anomaly, count, examples } of findings) {
    lines.push(`    ${anomaly}: ${count} (${anomalies[anomaly]})`);
    lines.push(...examples.map((example) => `      ${example}`));
  }
  if (findings.length > 0 && keptAt) lines.push(`    kept in ${keptAt}`);
  return lines.join('\n');
}

const shown = (value: number | string): string =>
  typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 1 }) : value;
