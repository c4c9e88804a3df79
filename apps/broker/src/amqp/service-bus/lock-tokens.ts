/**
 * A lock token is a GUID. On the wire a delivery tag has it in .NET's order, where the first three groups are
 * little-endian; requests have it in the order of its text.
 */
export function tagOf(token: string): Buffer {
  const bytes = Buffer.from(token.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

export const uuidOf = (token: string): Buffer => Buffer.from(token.replaceAll('-', ''), 'hex');

/** Undefined for what is no GUID. */
export function tokenOf(uuid: unknown): string | undefined {
  if (!Buffer.isBuffer(uuid) || uuid.length !== 16) return undefined;
  return uuid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
