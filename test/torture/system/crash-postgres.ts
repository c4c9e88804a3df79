import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { TorturePlatform } from '../platform/torture-platform.js';
import type { WholeSystemOptions } from './whole-system.js';

const betweenMs = [1_000, 4_000] as const;
/** How long nobody gets a connection. */
const crowdedMs = 1_500;
const mostConnections = 500;

/** PostgreSQL stops at once and recovers; between that, it drops everybody, or has no connection left to give. */
export const crashPostgres =
  (crashes: number): WholeSystemOptions['shoot'] =>
  async (platform, random) => {
    let [dropped, crowded] = [0, 0];
    for (let n = 0; n < crashes; n++) {
      await delay(random.between(...betweenMs));
      dropped += await dropEverybody(platform);
      await delay(random.between(...betweenMs));
      crowded += await crowdOut(platform);
      await delay(random.between(...betweenMs));
      platform.postgres.abandon();
      await platform.postgres.exited;
      await platform.startPostgres();
    }
    return {
      'PostgreSQL crashes': crashes,
      'connections dropped': dropped,
      'times without connections': crowded,
    };
  };

async function dropEverybody(platform: TorturePlatform): Promise<number> {
  return asAdmin(platform, async (admin) => {
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    return rowCount ?? 0;
  });
}

/** Takes every connection that there is, those of the services, too. */
async function crowdOut(platform: TorturePlatform): Promise<number> {
  const crowd: Client[] = [];
  try {
    const full = await fill(platform, crowd);
    // Those who are in are thrown out, and their places taken before they are back.
    await crowd[0]?.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND application_name <> 'crowd'`,
    );
    await fill(platform, crowd);
    await delay(crowdedMs);
    return full ? 1 : 0;
  } finally {
    await Promise.all(crowd.map((client) => client.end()));
  }
}

/** Answers whether PostgreSQL has refused one more (53300, too_many_connections). */
async function fill(platform: TorturePlatform, crowd: Client[]): Promise<boolean> {
  for (let n = 0; n < mostConnections; n++) {
    const client = new Client({
      connectionString: platform.postgres.url('postgres'),
      application_name: 'crowd',
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      crowd.push(client);
    } catch (error) {
      if ((error as { code?: string }).code === '53300') return true;
      throw error;
    }
  }
  return false;
}

async function asAdmin<T>(platform: TorturePlatform, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: platform.postgres.url('postgres') });
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
