import { SearchIndexerModule } from '../../apps/search-indexer/src/search-indexer.module.js';
import type { InProcessConsumer } from '@app/testing/consumer';
import { describeFold } from './handlers/describe-fold.js';
import type { Story } from './handlers/story.js';

describeFold({
  name: 'search',
  module: SearchIndexerModule,
  judge: async (consumer, { stories }) => {
    const found = await documents(
      consumer,
      stories.map(({ id }) => id),
    );
    return { found, expected: new Map(stories.map(documentOf)) };
  },
});

/** The last version that search looks at, and what it says; nobody is found who is erased, or lives on in another. */
function documentOf({ id, erased, mergedAway, events, states }: Story): [id: string, document: unknown[]] {
  const last = events.findLastIndex(({ type }) => type !== 'PreferencesChanged');
  const { version = 0, familyName, email, addresses } = states[last] ?? {};
  const city = addresses?.home?.city;
  return [id, erased || mergedAway ? [version, null] : [version, familyName, email ?? null, city ?? null]];
}

async function documents({ database }: InProcessConsumer, ids: string[]): Promise<Map<string, unknown[]>> {
  const rows = await database.query<{ id: string; version: number; found: string | null }[]>(
    'SELECT id, version, found FROM search_customer WHERE id = ANY($1::uuid[])',
    [ids],
  );
  return new Map(
    rows.map(({ id, version, found }) => {
      if (found === null) return [id, [version, null]];
      const { familyName, email = null, addresses } = JSON.parse(found) as Story['states'][number];
      return [id, [version, familyName, email, addresses.home?.city ?? null]];
    }),
  );
}
