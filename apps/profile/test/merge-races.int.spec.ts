import type { Customer } from '@app/contracts';
import { aCustomer } from '@app/testing';
import { type Answer, ProfileApi } from './profile-api.js';

describe('merges at the same time', () => {
  let api: ProfileApi;
  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  const bare = { email: undefined, phone: undefined, birthDate: undefined, addresses: {} };
  const create = async (change: object = {}): Promise<Customer> =>
    (await api.call<Customer>('POST', '/v1/customers', aCustomer(change))).body;
  const merge = (id: string, duplicateId: string): Promise<Answer<{ mergeId: string }>> =>
    api.call('POST', `/v1/customers/${id}/merge`, { duplicateId });
  const revert = (mergeId: string) => api.call('POST', `/v1/merges/${mergeId}/revert`);
  const erase = (id: string) => api.call<{ id: string; type: string }>('DELETE', `/v1/customers/${id}`);
  const patch = (id: string, change: object) =>
    api.call<Customer>('PATCH', `/v1/customers/${id}`, change, { 'if-match': '*' });
  const versions = async (id: string): Promise<number[]> =>
    (
      await api.sql.query<{ customerversion: number }>(
        'SELECT customerversion FROM outbox WHERE subject = $1 ORDER BY id',
        [id],
      )
    ).rows.map(({ customerversion }) => customerversion);
  const read = (id: string) =>
    fetch(`${api.service.url}/v1/customers/${id}`, {
      redirect: 'manual',
      headers: { authorization: `Bearer ${api.token}` },
    });

  it('of merges of the same two at once, in both directions, lets one win', async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await create(), await create()];
      const pairs: [Customer, Customer][] = [
        [a, b],
        [b, a],
        [a, b],
        [b, a],
      ];
      const answers = await Promise.all(pairs.map(([one, other]) => merge(one.id, other.id)));
      expect(answers.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([201, 409, 409, 409]);
      const mergeId = answers.find(({ status }) => status === 201)?.body.mergeId ?? '';
      const reverts = await Promise.all([revert(mergeId), revert(mergeId), revert(mergeId)]);
      expect(reverts.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([200, 409, 409]);
    }
  });

  it('goes on beside changes and imports of both, which lose nothing and wait for nobody in a circle', async () => {
    const [a, b] = [await create(bare), await create(bare)];
    const edits = async (): Promise<number[]> => {
      const statuses: number[] = [];
      for (let n = 0; n < 20; n++) statuses.push((await patch(a.id, { preferences: { n } })).status);
      return statuses;
    };
    const merges = async (): Promise<void> => {
      for (let n = 0; n < 10; n++) {
        const { status, body } = await merge(a.id, b.id);
        expect(status).toBe(201);
        expect((await revert(body.mergeId)).status).toBe(200);
      }
    };
    const imports = async (): Promise<void> => {
      const row = (one: Customer, n: number) =>
        JSON.stringify({ accountNumber: one.accountNumber, preferences: { imported: n } });
      for (let n = 0; n < 5; n++) {
        const file = [row(b, n), row(a, n), row(b, n + 100)].join('\n');
        await api.call('POST', '/v1/imports', file, { 'content-type': 'application/x-ndjson' });
      }
    };
    const [statuses] = await Promise.all([edits(), merges(), imports()]);
    expect(new Set(statuses)).toEqual(new Set([200]));
    for (const { id } of [a, b]) {
      const all = await versions(id);
      expect(all).toEqual(all.map((_, index) => index + 1));
    }
  });

  it.each(['survivor', 'duplicate'] as const)(
    'as the erasure of the %s end in one of the two orders, and in no third state',
    async (role) => {
      const outcomes = new Set<string>();
      for (let round = 0; round < 12; round++) {
        const [survivor, duplicate] = [await create(bare), await create()];
        const erased = role === 'survivor' ? survivor : duplicate;
        const other = role === 'survivor' ? duplicate : survivor;
        // Who is asked first is not who is first: both take turns.
        const both = [() => merge(survivor.id, duplicate.id), () => erase(erased.id)];
        if (round % 2 === 1) both.reverse();
        const answers = await Promise.all(both.map((one) => one()));
        if (round % 2 === 1) answers.reverse();
        const [merged, gone] = answers.map(({ status }) => status);
        const left = (await read(other.id)).status;
        outcomes.add(`${merged} ${gone} ${left}`);
        for (const { id } of [survivor, duplicate]) {
          const all = await versions(id);
          expect(all).toEqual(all.map((_, index) => index + 1));
        }
      }
      // The merge first: who lives on in the survivor goes with it, and a duplicate is not erased alone.
      // The erasure first: nobody is left to be merged, and the other stays as it was.
      const possible =
        role === 'survivor' ? ['201 202 410', '410 202 200'] : ['201 409 200', '404 202 200', '410 202 200'];
      expect(possible).toEqual(expect.arrayContaining([...outcomes]));
    },
  );
});
