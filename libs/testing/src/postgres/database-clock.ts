import { Client } from 'pg';

/**
 * A clock of PostgreSQL that can be set, with nothing put under its process: `now()` and `clock_timestamp()` are looked up
 * in `public` before `pg_catalog`. Made before the migrations, so that the defaults of columns go by it too, and before
 * anybody connects. What PostgreSQL times for itself (locks, statements, its upkeep) stays as it is.
 */
const sql = `
  CREATE TABLE public.clock_error (by interval NOT NULL);
  INSERT INTO public.clock_error VALUES ('0');
  CREATE FUNCTION public.now() RETURNS timestamptz STABLE LANGUAGE sql
    AS 'SELECT pg_catalog.now() + by FROM public.clock_error';
  CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql
    AS 'SELECT pg_catalog.clock_timestamp() + by FROM public.clock_error';
  DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());
  END $$`;

export async function addDatabaseClock(url: string): Promise<void> {
  await withClient(url, (client) => client.query(sql));
}

/** @param errorMs how far it is ahead from now on, or behind where negative */
export async function setDatabaseClock(url: string, errorMs: number): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`UPDATE public.clock_error SET by = $1::float8 * interval '1 ms'`, [errorMs]);
    const { rows } = await client.query<{ ahead: number }>(
      'SELECT extract(epoch FROM now() - pg_catalog.now())::float8 * 1000 AS ahead',
    );
    const ahead = rows[0]?.ahead ?? Number.NaN;
    if (!(Math.abs(ahead - errorMs) < 1)) throw new Error(`now() is ${ahead} ms ahead, not ${errorMs}`);
  });
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
