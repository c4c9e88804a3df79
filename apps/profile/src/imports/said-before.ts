import { hash } from 'node:crypto';
import { binaryArray } from '@app/database';
import type { EntityManager } from 'typeorm';
import type { Refusal } from '../domain/import-row.js';
import type { RowContent } from '../domain/row-content.js';
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
 * @param known customers by account number; of nobody else can an earlier row have been taken
 * @returns refusals by row number
 */
export async function contradictions(
  manager: EntityManager,
  importId: string,
  rows: readonly NumberedRow[],
  known: ReadonlyMap<string, unknown>,
): Promise<Map<number, Refusal>> {
  const saying = rows.flatMap(({ row, number, line }) =>
    row.success && namesThePerson(row.content)
      ? [
          {
            number,
            account: digest(row.content.accountNumber),
            content: digest(JSON.stringify(row.content)),
            line,
            isKnown: known.has(row.content.accountNumber),
          },
        ]
      : [],
  );
  const said = await saidOf(
    manager,
    importId,
    saying.filter(({ isKnown }) => isKnown),
  );
  const refusals = new Map<number, Refusal>();
  const firstSaid: Said[] = [];
  for (const one of saying) {
    const before = said.get(one.account);
    if (!before) {
      said.set(one.account, one);
      firstSaid.push(one);
    } else if (before.content !== one.content) {
      const reason = `is the one of line ${before.line}, which says otherwise of this customer`;
      refusals.set(one.number, { column: 'account_number', reason });
    }
  }
  await remember(manager, importId, firstSaid);
  return refusals;
}

/** What was said of these customers before this batch. */
async function saidOf(
  manager: EntityManager,
  importId: string,
  of: readonly Said[],
): Promise<Map<bigint, Said>> {
  if (of.length === 0) return new Map();
  const rows = await manager.query<{ account: string; content: string; line: number }[]>(
    'SELECT account, content, line FROM import_said WHERE import_id = $1 AND account = ANY ($2::bigint[])',
    [importId, of.map(({ account }) => account)],
  );
  return new Map(
    rows.map(({ account, content, line }) => [
      BigInt(account),
      { account: BigInt(account), content: BigInt(content), line },
    ]),
  );
}

async function remember(manager: EntityManager, importId: string, said: readonly Said[]): Promise<void> {
  if (said.length === 0) return;
  await manager.query(
    `INSERT INTO import_said (import_id, account, content, line)
     SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::integer[])
     ON CONFLICT DO NOTHING`,
    [
      importId,
      binaryArray(
        'bigint',
        said.map((one) => one.account),
      ),
      binaryArray(
        'bigint',
        said.map((one) => one.content),
      ),
      binaryArray(
        'integer',
        said.map((one) => one.line),
      ),
    ],
  );
}
