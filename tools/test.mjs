// npm test [-- PATTERN …]: Jest, with what it is given. Without a pattern: everything, and last, alone, what wants both cores.
import { spawnSync } from 'node:child_process';

const given = process.argv.slice(2);
const alone = 'test/torture/t04-whole-system';
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];

function run(...args) {
  const { status } = spawnSync(process.execPath, [...jest, ...args], { stdio: 'inherit' });
  return status ?? 1;
}

if (given.length > 0) process.exit(run(...given));
const together = run('--testPathIgnorePatterns', '/node_modules/', alone);
const last = run(alone);
process.exit(together || last);
