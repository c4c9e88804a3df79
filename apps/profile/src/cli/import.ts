// Bulk import with a progress bar: npm run import -- FILE [--again]
import { accessSync, constants, createReadStream } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import cliProgress from 'cli-progress';
import { type ImportAnswer, PlatformClient, type RefusedRow } from './platform-client.js';

const contentTypes: Record<string, string> = {
  '.csv': 'text/csv',
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
};
const shownRefusals = 50;
const lookEveryMs = 200;

interface Job {
  file: string;
  contentType: string;
  again: boolean;
}

function jobOf(args: string[]): Job {
  const { positionals, values } = parseArgs({
    args,
    options: { again: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [named, ...rest] = positionals;
  if (named === undefined || rest.length > 0)
    throw new Error('say which file: npm run import -- customers.csv');
  // A relative path is meant from where npm was called, not from where it runs the script.
  const file = path.resolve(process.env['INIT_CWD'] ?? '.', named);
  const contentType = contentTypes[path.extname(file).toLowerCase()];
  if (!contentType) throw new Error(`${named}: the name must end in ${Object.keys(contentTypes).join(', ')}`);
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    throw new Error(`${named} cannot be read`, { cause });
  }
  return { file, contentType, again: values.again };
}

/** Rows at most: a quoted line break makes it fewer. */
async function rowsIn(file: string): Promise<number> {
  let breaks = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) breaks++;
  }
  return Math.max(breaks, 1);
}

async function follow(client: PlatformClient, first: ImportAnswer, rows: number): Promise<ImportAnswer> {
  const bar = new cliProgress.SingleBar({
    format:
      '  {bar} {read} rows · {added} added · {changed} changed · {unchanged} unchanged · {refused} refused',
    hideCursor: true,
    noTTYOutput: false,
  });
  let job = first;
  bar.start(rows, 0, { ...job });
  while (job.status === 'running' || job.status === 'receiving') {
    await pause(lookEveryMs);
    job = await client.progress(job.id);
    bar.update(Math.min(job.read, rows), { ...job });
  }
  bar.update(rows, { ...job });
  bar.stop();
  return job;
}

function report(job: ImportAnswer, seconds: number, refused: RefusedRow[]): void {
  const rate = Math.round(job.read / seconds).toLocaleString('en');
  const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}`;
  const counts = [
    count(job.added, 'added'),
    count(job.changed, 'changed'),
    count(job.unchanged, 'unchanged'),
  ];
  console.log(
    `${count(job.read, 'rows')} in ${seconds.toFixed(1)} s (${rate} rows/s): ${counts.join(', ')}, ${count(job.refused, 'refused')}.`,
  );
  for (const { line, column, reason } of refused) {
    console.log(`  line ${line}${column === undefined ? '' : `, ${column}`}: ${reason}`);
  }
  if (job.repeats !== undefined) {
    console.log(
      'This file was imported before: what was taken then counts as unchanged (--again applies every row).',
    );
  }
  if (job.refused > refused.length) console.log(`  … and more: GET /v1/imports/${job.id}/errors`);
}

async function main(): Promise<void> {
  const { file, contentType, again } = jobOf(process.argv.slice(2));
  const client = await PlatformClient.connect(
    process.env['PROFILE_URL'] ?? `http://127.0.0.1:${process.env['PROFILE_PORT'] ?? 3000}`,
  );
  const started = performance.now();
  const job = await follow(client, await client.upload(file, contentType, again), await rowsIn(file));
  if (job.status === 'failed') throw new Error(`${file} cannot be imported: ${job.failure}`);
  report(job, (performance.now() - started) / 1000, await client.refusedRows(job.id, shownRefusals));
}

/** The platform goes on with what it has accepted; the same file again joins in. */
process.once('SIGINT', () => {
  console.error(
    '\nStopped watching. What the platform has taken it finishes; run the same command again to look on.',
  );
  process.exit(130);
});

try {
  await main();
} catch (error) {
  console.error(`import: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
