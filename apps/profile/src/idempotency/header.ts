/** A key as most clients send it: visible ASCII, without what would end an item of a structured header. */
const bare = /^[!#-+\--:<-[\]-~]{1,255}$/;
/** A string of a structured header (RFC 9651 §3.3.3), which draft-ietf-httpapi-idempotency-key-header §2.1 asks for. */
const quoted = /^"((?:[ !#-[\]-~]|\\["\\]){1,255})"$/;

/** The key that an `Idempotency-Key` header names, bare or quoted; nothing where it is neither. */
export function idempotencyKeyOf(header: string): string | undefined {
  const text = header.trim();
  return bare.test(text) ? text : quoted.exec(text)?.[1]?.replace(/\\(["\\])/g, '$1');
}
