// From a file of customers to the last effect of every one, through the whole platform in a folder of its own.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readArguments, refuse, whole } from '../arguments.mjs';
import { end, removeFolder, temporaryFolder } from '../processes.mjs';
import { judge, printHeading, printTable, rate } from '../report.mjs';
import { madeFile, rowsOf } from './files.mjs';
import { pageRows } from './pages.mjs';
import { peakMemory, runScript, startPlatform } from './platform.mjs';

const realFile = path.join(import.meta.dirname, '../../../../shared/data/customers.csv');
const madeRows = 15_000;

/** Reads the command line; answers what runs the rows. */
export function prepare(/** @type {string[]} */ args) {
  const { values, positionals } = readArguments({ customers: { type: 'string' } }, args, true);
  const [given, ...more] = positionals;
  if (more.length > 0) refuse('one FILE to import, not more');
  if (given !== undefined && !existsSync(given)) refuse(`there is no file ${given}`);
  const customers = values.customers === undefined ? undefined : whole(values, 'customers');
  if (given !== undefined && customers !== undefined) refuse('a FILE, or --customers to make one');
  return () => run(given, customers, args);
}

async function run(given, customers, args) {
  printHeading('The import: from a file to commit, and to the last effect');
  const folder = await temporaryFolder();
  const isThere = customers === undefined && existsSync(realFile);
  const file = given ?? (isThere ? realFile : await madeFile(folder, customers ?? madeRows));
  const rows = await rowsOf(file);
  const platform = await startPlatform(folder);
  const begun = performance.now();
  await runScript('apps/profile/dist/cli/import.js', [file], platform.env);
  const committed = performance.now();
  while (await isWaiting(platform)) await pause(50);
  const effected = performance.now();
  const pages = await pageRows(platform.env);
  const memory = await peakMemory(platform.launcher.pid);
  await end(platform.launcher);
  await removeFolder(folder);

  const perSecond = (until) => (rows / (until - begun)) * 1000;
  const [toCommit, toEffect] = [perSecond(committed), perSecond(effected)];
  printTable([
    { what: 'start to ready (first start)', measured: `${(platform.startMs / 1000).toFixed(1)} s` },
    {
      what: `${rows.toLocaleString('en')} rows, file to commit`,
      target: '≥ 19 k/s, aim 48 k/s',
      measured: rate(toCommit),
      verdict: judge(toCommit, { must: 19_000, reach: 48_000 }),
    },
    {
      what: 'file to last effect in search and audit',
      target: '≥ 3 k/s, aim 8 k/s',
      measured: rate(toEffect),
      verdict: judge(toEffect, { must: 3_000, reach: 8_000 }),
    },
    ...pages,
    ...Object.entries(memory).map(([name, mib]) => ({
      what: `peak memory, ${name}`,
      measured: `${mib} MiB`,
    })),
  ]);
  console.log(`\nnpm run bench -- import ${args.join(' ')}`.trimEnd());
}

/** Whether something that was committed has not come to its effect. */
async function isWaiting({ env }) {
  const headers = { authorization: `Bearer ${env.TOKEN}` };
  const isBehind = async (port) => {
    const answer = await fetch(`http://127.0.0.1:${env[port]}/admin/consumer`, { headers });
    return (await answer.json()).partitions.some((partition) => partition.lagEvents > 0);
  };
  const metrics = await (await fetch(`http://127.0.0.1:${env.PROFILE_PORT}/metrics`)).text();
  return (
    !/^outbox_pending 0$/m.test(metrics) ||
    (await isBehind('SEARCH_INDEXER_PORT')) ||
    (await isBehind('AUDIT_PORT'))
  );
}
