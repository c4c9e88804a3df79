import type { EntryPlace } from './list-entries.js';

/** Opaque to clients: the place of the last entry of a page. */
export function encodeCursor({ partitionId, position }: EntryPlace): string {
  return Buffer.from(`${partitionId}.${position}`, 'ascii').toString('base64url');
}

/** @returns undefined for what {@link encodeCursor} did not make. */
export function decodeCursor(cursor: string): EntryPlace | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('ascii');
  const [, partitionId, position] = /^(\d{1,5})\.(\d{1,18})$/.exec(text) ?? [];
  if (partitionId === undefined || position === undefined) return undefined;
  const place = { partitionId: Number(partitionId), position: BigInt(position) };
  return place.partitionId <= 32_767 && encodeCursor(place) === cursor ? place : undefined;
}
