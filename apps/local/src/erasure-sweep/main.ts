// Takes the bytes of erased customers out of every file: npm run erasure:sweep (docs/privacy.md)
import { DatabaseError } from 'pg';
import { makeSecrets } from '../secrets/make-secrets.js';
import { databaseOf, services } from '../services.js';
import { readSettings } from '../settings.js';
import { SweepError } from './snapshots.js';
import { sweep, type SweepReport } from './sweep.js';

function report({ swept, pending, imports, tables }: SweepReport, seconds: number): void {
  console.log(
    `${swept} erasures swept: ${tables} tables rewritten, the log removed (${seconds.toFixed(1)} s)`,
  );
  if (pending > 0)
    console.log(`${pending} erasures wait for a consumer group: sweep again when they are completed`);
  if (imports > 0)
    console.log(`${imports} imports are under way and hold their files: sweep again when they are through`);
}

const databaseNames = services.flatMap((service) => databaseOf(service) ?? []);
const { POSTGRES_HOST, SECRETS_DIR } = process.env;
try {
  const started = performance.now();
  const { secretsDir, ports } = readSettings(process.env);
  const { postgresPassword } = await makeSecrets(SECRETS_DIR ?? secretsDir);
  const host = POSTGRES_HOST ?? `127.0.0.1:${ports.POSTGRES_PORT}`;
  const urlOf = (database: string) =>
    `postgresql://postgres:${encodeURIComponent(postgresPassword)}@${host}/${database}`;
  report(await sweep(urlOf, databaseNames), (performance.now() - started) / 1000);
} catch (error) {
  const foreseen = error instanceof SweepError || error instanceof DatabaseError;
  console.error(`erasure sweep: ${error instanceof Error ? error.message : String(error)}`);
  if (!foreseen && !(error instanceof Error && 'code' in error)) console.error(error);
  process.exitCode = 1;
}
