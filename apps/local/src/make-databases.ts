import { DatabaseError } from 'pg';
import { ensureDatabases } from './databases/ensure-databases.js';
import { makeSecrets } from './secrets/make-secrets.js';

/**
 * One database a service: `node apps/local/dist/make-databases.js` with SECRETS_DIR and POSTGRES_HOST (name:port).
 * Ends with code 0 when all of them are there.
 */
const { SECRETS_DIR, POSTGRES_HOST } = process.env;
if (!SECRETS_DIR || !POSTGRES_HOST) {
  console.error('set SECRETS_DIR and POSTGRES_HOST');
  process.exit(64);
}
const { postgresPassword, databases } = await makeSecrets(SECRETS_DIR);
const url = `postgresql://postgres:${encodeURIComponent(postgresPassword)}@${POSTGRES_HOST}/postgres`;
try {
  await ensureDatabases(
    url,
    Object.entries(databases).map(([name, password]) => ({ name, password })),
  );
} catch (error) {
  const wrongPassword = error instanceof DatabaseError && error.code === '28P01';
  if (wrongPassword)
    console.error(
      `the password in ${SECRETS_DIR} does not fit the data: put the old secrets back, or remove both`,
    );
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
