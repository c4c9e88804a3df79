import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { SweepError } from './snapshots.js';

const patienceMs = 60_000;
const lookEveryMs = 200;

/**
 * Resolves when the search's vocabulary holds no word that might be nobody's: search-indexer forgets them, after an erasure
 * at once, while it runs.
 * @throws {SweepError} `WORDS_LEFT`
 */
export async function whenWordsAreForgotten(url: string): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'erasure-sweep' });
  await client.connect();
  try {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const { rowCount } = await client.query('SELECT FROM search_word_suspect LIMIT 1');
      if (!rowCount) return;
      if (performance.now() > deadline) {
        throw new SweepError('WORDS_LEFT', 'search-indexer has words left to forget: is it running?');
      }
      await pause(lookEveryMs);
    }
  } finally {
    await client.end();
  }
}
