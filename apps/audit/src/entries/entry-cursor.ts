import type { EntryPlace } from './list-entries.js';

/** The place of the last entry of a page, as the position of a cursor. */
export const positionAt = ({ partitionId, position }: EntryPlace): string => `${partitionId}.${position}`;

/** @param position as {@link positionAt} wrote it: a cursor of somebody else's making is told before */
export function placeOf(position: string): EntryPlace {
  const [partitionId = '', place = ''] = position.split('.');
  return { partitionId: Number(partitionId), position: BigInt(place) };
}
