import { EnvironmentError, loadEnv } from '@app/service-defaults';
import { mkdir } from 'node:fs/promises';
import { z } from 'zod';
import { HeadsKey } from './heads-key.js';
import type { Publication } from './publish-heads.js';

const environment = z.object({
  /** Where signed heads of the chains are published: outside of the database, best on a disk that only grows. */
  AUDIT_HEADS_DIR: z.string().optional(),
  /** The private Ed25519 key that signs them, a JWK. */
  AUDIT_HEADS_KEY: z.string().optional(),
});

/** @returns nothing where nothing is to be published. @throws {EnvironmentError} */
export async function readPublication(): Promise<Publication | undefined> {
  const { AUDIT_HEADS_DIR: folder, AUDIT_HEADS_KEY: key } = loadEnv(environment);
  if (!folder && !key) return undefined;
  if (!folder || !key)
    throw new EnvironmentError('AUDIT_HEADS_DIR and AUDIT_HEADS_KEY are set together or not at all');
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new EnvironmentError(`AUDIT_HEADS_DIR: ${(cause as Error).message}`, { cause });
  }
  return { folder, key: await HeadsKey.from(key) };
}
