import { hash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Refusal, RowContent } from '../domain/import-row.js';
import type { NumberedRow } from './read-rows.js';

/** A row that names the person speaks of all of it; one that does not tells what happened next. */
const namesThePerson = ({ members }: RowContent): boolean =>
  Object.hasOwn(members, 'givenName') && Object.hasOwn(members, 'familyName');

const digest = (text: string): bigint => hash('sha256', text, 'buffer').readBigInt64BE(0);

interface Said {
  account: bigint;
  content: bigint;
  line: number;
}

/**
 * Which rows of a batch say something else of a person than an earlier row of the same file: who is right, the file does
 * not tell. Remembers what the batch says, in the caller's transaction.
 * @returns refusals by row number
 */
export async function contradictions(
  manager: EntityManager,
  importId: string,
  rows: readonly NumberedRow[],
): Promise<Map<number, Refusal>> {
  const saying = rows.flatMap(({ row, number, line }) =>
    row.success && namesThePerson(row.content)
      ? [
          {
            number,
            account: digest(row.content.accountNumber),
            content: digest(JSON.stringify(row.content)),
            line,
          },
        ]
      : [],
  );
  const said = await remember(manager, importId, saying);
  const refusals = new Map<number, Refusal>();
  for (const one of saying) {
    const before = said.get(one.account);
    if (!before) said.set(one.account, one);
    else if (before.content !== one.content) {
      const reason = `is the one of line ${before.line}, which says otherwise of this customer`;
      refusals.set(one.number, { column: 'account_number', reason });
    }
  }
  return refusals;
}

/** What was said before this batch. */
async function remember(
  manager: EntityManager,
  importId: string,
  saying: readonly Said[],
): Promise<Map<bigint, Said>> {
  if (saying.length === 0) return new Map();
  const rows = await manager.query<{ account: string; content: string; line: number }[]>(
    `WITH new AS (
       SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::integer[]) AS row (account, content, line)
     ), kept AS (
       INSERT INTO import_said (import_id, account, content, line)
       SELECT $1, account, content, line FROM new ON CONFLICT DO NOTHING
     )
     SELECT account, content, line FROM import_said WHERE import_id = $1 AND account = ANY ($2)`,
    [
      importId,
      saying.map((one) => one.account),
      saying.map((one) => one.content),
      saying.map((one) => one.line),
    ],
  );
  return new Map(
    rows.map(({ account, content, line }) => [
      BigInt(account),
      { account: BigInt(account), content: BigInt(content), line },
    ]),
  );
}
