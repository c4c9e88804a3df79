import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { markOf, type PublishedHead } from '../domain/published-head.js';
import type { Sql } from '../sql.js';
import { HeadsFile } from './heads-file.js';
import type { HeadsKey } from './heads-key.js';

/** One publisher for all replicas; the number is arbitrary, but ours. */
const publisherLock = 7_104_025;
/** A line of some 270 KB. */
const entriesAtOnce = 50_000;

export interface Publication {
  folder: string;
  key: HeadsKey;
}

/** What lies in the database is not what was published: nothing is published until somebody has looked. */
export class HeadsDifferError extends Error {
  readonly code = 'AUDIT_HEADS_DIFFER';
}

interface ChainRow {
  partition_id: number;
  position: string;
  published: string;
}

/**
 * Publishes what every chain has grown by since the last time.
 * @returns how many entries; nothing when another replica is at it.
 * @throws {HeadsDifferError}
 */
export async function publishHeads(
  database: DataSource,
  publication: Publication,
): Promise<number | undefined> {
  return database.transaction(async (sql) => {
    const [lock] = await sql.query<[{ held: boolean }]>('SELECT pg_try_advisory_xact_lock($1) AS held', [
      publisherLock,
    ]);
    if (!lock.held) return undefined;
    const chains = await sql.query<ChainRow[]>(
      'SELECT partition_id, position, published FROM audit_chain ORDER BY partition_id',
    );
    let entries = 0;
    for (const chain of chains) entries += await publishChain(sql, chain, publication);
    return entries;
  });
}

async function publishChain(sql: Sql, chain: ChainRow, { folder, key }: Publication): Promise<number> {
  const { partition_id: partitionId } = chain;
  const file = new HeadsFile(folder, partitionId);
  const lastLine = await file.last();
  let previous = createHash('sha256')
    .update(lastLine ?? '')
    .digest();
  const last = lastLine === undefined ? undefined : await key.read(lastLine);
  if (lastLine !== undefined && !last)
    throw new HeadsDifferError(
      `chain ${partitionId}: the last published head is not signed by AUDIT_HEADS_KEY`,
    );
  await refuseOtherHistory(sql, chain, last);
  const end = BigInt(chain.position);
  const start = last?.position ?? 0n;
  for (let from = start + 1n; from <= end;) {
    const hashes = await hashesFrom(sql, partitionId, from, end);
    const hash = hashes.at(-1);
    if (!hash) throw new HeadsDifferError(`chain ${partitionId}: entry ${from} is missing`);
    const position = from + BigInt(hashes.length) - 1n;
    const marks = Buffer.concat(hashes.map(markOf));
    const publishedAt = new Date().toISOString();
    const line = await key.sign({ partitionId, from, position, hash, marks, publishedAt, previous });
    await file.append(line);
    previous = createHash('sha256').update(line).digest();
    from = position + 1n;
  }
  if (end !== BigInt(chain.published))
    await sql.query('UPDATE audit_chain SET published = $2 WHERE partition_id = $1', [partitionId, end]);
  return Number(end - start);
}

/** Nothing is published on top of a chain that was cut or rewritten, nor on top of a file that lost its end. */
async function refuseOtherHistory(sql: Sql, chain: ChainRow, last: PublishedHead | undefined): Promise<void> {
  const { partition_id: partitionId, published } = chain;
  const until = last?.position ?? 0n;
  if (until < BigInt(published)) {
    const what = `the file of published heads ends at ${until}, but ${published} entries were published`;
    throw new HeadsDifferError(`chain ${partitionId}: ${what}; is AUDIT_HEADS_DIR the folder it was?`);
  }
  if (!last) return;
  const [hash] = await hashesFrom(sql, partitionId, until, until);
  if (!hash?.equals(last.hash))
    throw new HeadsDifferError(`chain ${partitionId}: entry ${until} is not the one that was published`);
}

async function hashesFrom(sql: Sql, partitionId: number, from: bigint, to: bigint): Promise<Buffer[]> {
  const rows = await sql.query<{ hash: Buffer; position: string }[]>(
    `SELECT position, hash FROM audit_entry WHERE partition_id = $1 AND position BETWEEN $2 AND $3
      ORDER BY position LIMIT $4`,
    [partitionId, from, to, entriesAtOnce],
  );
  rows.forEach((row, i) => {
    if (BigInt(row.position) !== from + BigInt(i))
      throw new HeadsDifferError(`chain ${partitionId}: entry ${from + BigInt(i)} is missing`);
  });
  return rows.map((row) => row.hash);
}
