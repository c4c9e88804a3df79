// Every check that needs no test run, one line each; the output of a check is shown only when it fails.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const sources = ['apps', 'libs', 'test'].filter((d) => existsSync(d));
const checks = [
  ['types', 'tsc', ['--project', 'tsconfig.json']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings', '--quiet', ...sources]],
  ['format', 'prettier', ['--check', '--cache', '--log-level', 'warn', '.']],
  [
    'dependency directions',
    'depcruise',
    ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', ...sources],
  ],
  ['contracts', 'node', ['tools/check-contracts.mjs']],
  ['generated docs', 'node', ['tools/update-docs.mjs', '--check']],
];

// Contracts and docs are read from what is compiled.
await import('./build.mjs');

let failed = 0;
for (const [name, command, args] of checks) {
  const started = performance.now();
  const run = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `node_modules/.bin:${process.env.PATH}` },
  });
  const ok = run.status === 0;
  console.log(`${ok ? '✓' : '✗'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) {
    failed++;
    console.log([run.error?.message, run.stdout, run.stderr].filter(Boolean).join('\n').trimEnd());
  }
}
if (failed > 0) {
  console.error(
    `${failed} of ${checks.length} checks failed. \`npm run format\` and \`npm run update:docs\` mend format and generated docs.`,
  );
  process.exit(1);
}
