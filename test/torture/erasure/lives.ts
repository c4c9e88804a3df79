import { eventually, type Written } from '@app/testing';
import type { Platform } from '../../support/platform.js';
import { address, type Canaries, type Canary, canaryCustomer } from './canaries.js';

export type Person = Written & { canary: Canary };

/** Everything that the platform does with a person: written, moved and mailed, consented, refused, exported. */
export async function live(platform: Platform, canary: Canary): Promise<Person> {
  const { word, phone } = canary;
  const send = (method: string, path: string, body: string | object, headers: Record<string, string> = {}) =>
    platform.request('profile', path, {
      method,
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const create = (members: object = {}) =>
    send('POST', '/v1/customers', { ...canaryCustomer(canary), ...members }, { 'idempotency-key': word });
  const created = await create();
  expect(created.status).toBe(201);
  const { id } = (await created.json()) as { id: string };
  const added = { id, version: 1, etag: '"1"', eventIds: [] };
  const moved = await platform.change(added, { addresses: { home: address(`${word} moved`) } });
  const at = `/v1/customers/${id}`;
  const any = { 'if-match': '*' };
  const consent = { granted: true, source: word, proof: word };
  expect((await send('PUT', `${at}/consents/marketing`, consent, any)).status).toBe(200);
  // The stored answer, and a refusal that knows it.
  expect((await create()).status).toBe(201);
  expect((await create({ title: `${word} other` })).status).toBe(422);
  const answers = await Promise.all([
    send('POST', '/v1/customers', canaryCustomer(canary)),
    send('PUT', `${at}/addresses/home`, address(word), { 'if-match': '"1"' }),
    send('PUT', `${at}/addresses/home`, { ...address(word), country: word }, any),
    send('PUT', `${at}/consents/marketing`, { granted: word }, any),
    send('PUT', `/v1/customers/by-account-number/${word}`, `{"${word}`),
    platform.request('search-indexer', `/v1/search/customers?q=${word}&limit=${word}`),
    platform.request('audit', `/v1/audit/entries?customerId=${word}`),
    platform.request('search-indexer', `/v1/search/customers?q=${word}%20%2B${phone}`),
    platform.request('profile', `/v1/customers?email=${word}%40example.org`),
    platform.request('profile', `${at}/history`),
    platform.request('profile', `${at}/duplicates`),
    platform.request('profile', `${at}/export`),
  ]);
  const refused = [409, 412, 400, 400, 400, 400, 400];
  expect(answers.map(({ status }) => status)).toEqual([...refused, 200, 200, 200, 200, 200]);
  return { ...moved, canary };
}

/** Who says the same as one of these, and is merged into that one. */
export async function mergeInto(platform: Platform, survivor: Person, duplicate: Person): Promise<string> {
  const body = { duplicateId: duplicate.id };
  const answer = await platform.post('profile', `/v1/customers/${survivor.id}/merge`, body);
  return ((await answer.json()) as { mergeId: string }).mergeId;
}

/** A file that changes each of them, and says something of each that is refused. */
export async function importAll(platform: Platform, persons: readonly Person[]): Promise<void> {
  const rows = persons.flatMap(({ canary: { word } }) =>
    ['NO', 'XX'].map((country) => `N-${word},${word},${word},1 ${word} Road,${word},${country}`),
  );
  const header = 'account_number,first_name,last_name,address_line1,city,country';
  const answer = await platform.request('profile', '/v1/imports', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: [header, ...rows, ''].join('\n'),
  });
  const { id } = (await answer.json()) as { id: string };
  const done = await eventually(
    async () => {
      const job = await platform.get<{ status: string }>('profile', `/v1/imports/${id}`);
      return job.status === 'completed' && job;
    },
    { timeoutMs: 60_000 },
  );
  expect(done).toMatchObject({ changed: persons.length, refused: persons.length });
}

/** Pairs of two persons each who are one: of the first half for good, of the second half no longer. */
export async function unite(
  platform: Platform,
  survivors: readonly Person[],
  canaries: Canaries,
): Promise<{ merged: Person[]; parted: Person[] }> {
  const [merged, parted]: [Person[], Person[]] = [[], []];
  for (const [index, survivor] of survivors.entries()) {
    const duplicate = await live(platform, canaries.next());
    const mergeId = await mergeInto(platform, survivor, duplicate);
    if (index < survivors.length / 2) merged.push(duplicate);
    else {
      await platform.post('profile', `/v1/merges/${mergeId}/revert`);
      parted.push(duplicate);
    }
  }
  return { merged, parted };
}
