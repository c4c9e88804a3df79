import type { DataSource } from 'typeorm';

/** Suspects looked at in one transaction; indexing waits that long. */
const mostAtOnce = 200;

/**
 * Takes words that no customer has any more out of the vocabulary: a rare surname must not outlive an erasure. The
 * lock waits for every transaction that is adding documents, and holds up the next, so that "no customer has it"
 * stays true until the commit.
 * @returns whether suspects are left.
 */
export async function forgetWords(dataSource: DataSource): Promise<boolean> {
  return dataSource.transaction(async (manager) => {
    await manager.query(`SET LOCAL lock_timeout = '500ms'`);
    await manager.query('LOCK TABLE search_word IN SHARE ROW EXCLUSIVE MODE');
    const [{ looked }] = await manager.query<[{ looked: number }]>(
      `WITH looked AS (
         DELETE FROM search_word_suspect
          WHERE word IN (SELECT word FROM search_word_suspect ORDER BY word LIMIT $1)
         RETURNING word
       ), forgotten AS ( -- the vocabulary's words are letters only: in quotes, each is a lexeme
         DELETE FROM search_word USING looked
          WHERE search_word.word = looked.word
            AND NOT EXISTS (SELECT FROM search_candidates(('''' || looked.word || '''')::tsquery, 1))
       )
       SELECT count(*)::integer AS looked FROM looked`,
      [mostAtOnce],
    );
    return looked === mostAtOnce;
  });
}
