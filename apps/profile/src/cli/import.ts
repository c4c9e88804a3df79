// Bulk import with a progress bar: npm run import -- FILE [--mapping FILE] [--dry-run] [--again]
import { accessSync, constants, createReadStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import cliProgress from 'cli-progress';
import { createGunzip } from 'node:zlib';
import { type ImportAnswer, PlatformClient, type RefusedRow, type Upload } from './platform-client.js';

const contentTypes: Record<string, string> = {
  '.csv': 'text/csv',
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
};
const shownRefusals = 50;
const lookEveryMs = 100;

/** A relative path is meant from where npm was called, not from where it runs the script. */
const fromCaller = (named: string): string => path.resolve(process.env['INIT_CWD'] ?? '.', named);

function uploadOf(args: string[]): Upload {
  const { positionals, values } = parseArgs({
    args,
    options: {
      again: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      mapping: { type: 'string' },
    },
    allowPositionals: true,
  });
  const [named, ...rest] = positionals;
  if (named === undefined || rest.length > 0)
    throw new Error('say which file: npm run import -- customers.csv [--mapping FILE] [--dry-run] [--again]');
  const file = fromCaller(named);
  const gzip = /\.gz$/i.test(file);
  const contentType = contentTypes[path.extname(file.replace(/\.gz$/i, '')).toLowerCase()];
  if (!contentType)
    throw new Error(
      `${named}: the name must end in ${Object.keys(contentTypes).join(', ')}, or one of them and .gz`,
    );
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    throw new Error(`${named} cannot be read`, { cause });
  }
  return {
    file,
    contentType,
    gzip,
    again: values.again,
    dryRun: values['dry-run'],
    ...(values.mapping !== undefined && { mapping: mappingIn(values.mapping) }),
  };
}

function mappingIn(named: string): string {
  try {
    return JSON.stringify(JSON.parse(readFileSync(fromCaller(named), 'utf8')));
  } catch (cause) {
    throw new Error(`the mapping ${named} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Rows at most: a quoted line break makes it fewer. */
async function rowsIn({ file, gzip }: Upload): Promise<number> {
  let breaks = 0;
  const bytes = gzip ? createReadStream(file).pipe(createGunzip()) : createReadStream(file);
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
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
    `${count(job.read, job.read === 1 ? 'row' : 'rows')} in ${seconds.toFixed(1)} s (${rate} rows/s): ${counts.join(', ')}, ${count(job.refused, 'refused')}.`,
  );
  if (job.dryRun)
    console.log('A dry run: nothing was written. These are the counts that an import would have.');
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

/** Beside the file, to be corrected and imported. */
async function keepRefused(client: PlatformClient, { id }: ImportAnswer, { file }: Upload): Promise<void> {
  const { dir, name, ext } = path.parse(file.replace(/\.gz$/i, ''));
  const kept = path.join(dir, `${name}.refused${ext}`);
  try {
    await client.keepRefusedRows(id, kept);
    console.log(`Correct them in ${kept}, then import that file.`);
  } catch (error) {
    console.error(`The refused rows could not be written to ${kept} (${(error as Error).message}):`);
    console.error(`  GET /v1/imports/${id}/refused-rows has them for 30 days.`);
  }
}

async function main(): Promise<void> {
  const upload = uploadOf(process.argv.slice(2));
  const client = await PlatformClient.connect(
    process.env['PROFILE_URL'] ?? `http://127.0.0.1:${process.env['PROFILE_PORT'] ?? 3000}`,
  );
  const started = performance.now();
  const job = await follow(client, await client.upload(upload), await rowsIn(upload));
  if (job.status === 'failed') throw new Error(`${upload.file} cannot be imported: ${job.failure}`);
  const seconds = (performance.now() - started) / 1000;
  report(job, seconds, job.refused > 0 ? await client.refusedRows(job.id, shownRefusals) : []);
  if (job.refused > 0) await keepRefused(client, job, upload);
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
