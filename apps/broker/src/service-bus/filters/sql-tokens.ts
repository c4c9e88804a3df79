/** A filter that is none, with what is wrong and where. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
}

export interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'sign' | 'end';
  /** A word in upper case; a name, a text as it is meant. */
  readonly value: string;
  /** As it is written. */
  readonly raw: string;
  readonly at: number;
}

const MAX_CHARACTERS = 1_024;

const token =
  /\s*(?:(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(?<text>'(?:[^']|'')*')|(?<name>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")|(?<word>[\p{L}_@#$][\p{L}\p{N}_@#$-]*)|(?<sign><>|!=|<=|>=|[=<>+\-*/%().,]))/uy;

/** @throws SqlError */
export function tokensOf(sql: string): Token[] {
  if (sql.length > MAX_CHARACTERS) throw new SqlError(`a filter has at most ${MAX_CHARACTERS} characters`);
  const tokens: Token[] = [];
  token.lastIndex = 0;
  const end = sql.trimEnd().length;
  for (let at = 0; at < end; at = token.lastIndex) {
    token.lastIndex = at;
    const found = token.exec(sql);
    if (found === null)
      throw new SqlError(`'${sql.slice(at).trimStart().slice(0, 10)}' at ${at} is not understood`);
    const [kind, raw] = Object.entries(found.groups ?? {}).find(([, text]) => text !== undefined) as [
      Token['kind'],
      string,
    ];
    tokens.push({ kind, raw, value: meaningOf(kind, raw), at });
  }
  return [...tokens, { kind: 'end', value: '', raw: 'the end', at: sql.length }];
}

function meaningOf(kind: Token['kind'], raw: string): string {
  if (kind === 'word') return raw.toUpperCase();
  if (kind === 'text') return raw.slice(1, -1).replaceAll("''", "'");
  if (kind !== 'name') return raw;
  return raw.startsWith('[')
    ? raw.slice(1, -1).replaceAll(']]', ']')
    : raw.slice(1, -1).replaceAll('""', '"');
}
