/** Opaque to clients: the id a page ended with. */
export function encodeCursor(id: bigint): string {
  return Buffer.from(`n${id}`, 'ascii').toString('base64url');
}

/** @returns undefined for what {@link encodeCursor} did not make. */
export function decodeCursor(cursor: string): bigint | undefined {
  const [, digits] = /^n(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString('ascii')) ?? [];
  if (digits === undefined) return undefined;
  const id = BigInt(digits);
  return encodeCursor(id) === cursor ? id : undefined;
}
