import type { Customer } from '@app/contracts';
import { aCustomer, anAddress } from '@app/testing';
import * as fc from 'fast-check';
import { ProfileApi } from './profile-api.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const merges = 1_000;
/** Customers that are merged among each other, so that chains come about. */
const family = 8;

describe(`random merges and reverts (SEED=${seed})`, () => {
  let api: ProfileApi;
  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  const some = fc.constantFrom('a', 'b', 'c');
  const address = some.map((city) => anAddress({ city }));
  const consent = fc.record({ granted: fc.boolean(), at: fc.constant('2026-01-01T00:00:00Z') });
  const optional = <T>(value: fc.Arbitrary<T>) => fc.record({ x: value, y: value }, { requiredKeys: [] });
  const person = fc.record({
    title: fc.option(some, { nil: undefined }),
    email: fc.option(
      some.map((name) => `${name}@example.org`),
      { nil: undefined },
    ),
    phone: fc.option(some, { nil: undefined }),
    birthDate: fc.option(fc.constantFrom('1980-01-01', '1990-02-02'), { nil: undefined }),
    addresses: fc.record({ home: address, shipping: address }, { requiredKeys: [] }),
    preferences: optional(some),
    consents: optional(consent),
  });
  const step = fc.record({
    revert: fc.boolean(),
    one: fc.nat(family - 1),
    other: fc.nat(family - 1),
    which: fc.nat(),
  });

  /** Consents have been given before: the routes that give them are not what is tested here. */
  const born = async (persons: Record<string, unknown>[]): Promise<string[]> => {
    const create = async ({ consents: _consents, ...content }: Record<string, unknown>): Promise<string> =>
      (await api.call<Customer>('POST', '/v1/customers', aCustomer(content))).body.id;
    const ids = await Promise.all(persons.map(create));
    await api.sql.query(
      `UPDATE customer SET consents = given.consents
         FROM unnest($1::uuid[], $2::jsonb[]) AS given (id, consents) WHERE customer.id = given.id`,
      [ids, persons.map(({ consents }) => JSON.stringify(consents))],
    );
    return ids;
  };
  const everything = async (ids: string[]): Promise<unknown[]> => {
    const { rows } = await api.sql.query<Record<string, unknown>>(
      'SELECT * FROM customer WHERE id = ANY ($1) ORDER BY id',
      [ids],
    );
    return rows.map(({ version: _version, updated_at: _updatedAt, ...rest }) => rest);
  };

  it(`leave exactly what was there before, ${merges} of each`, async () => {
    const done = { merged: 0, reverted: 0, chained: 0, refused: 0 };
    const people = fc.array(person, { minLength: family, maxLength: family });
    const steps = fc.array(step, { minLength: 40, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(people, steps, async (persons, turns) => {
        if (done.merged >= merges && done.reverted >= merges) return;
        const ids = await born(persons);
        const before = await everything(ids);
        let inForce: { mergeId: string; survivor: string }[] = [];
        const revert = async (which: number): Promise<void> => {
          const one = inForce[which % inForce.length];
          if (!one) return;
          const { status } = await api.call('POST', `/v1/merges/${one.mergeId}/revert`);
          expect([200, 409]).toContain(status);
          if (status === 409) done.refused++;
          else {
            done.reverted++;
            inForce = inForce.filter(({ mergeId }) => mergeId !== one.mergeId);
          }
        };
        const merge = async (survivor: string, duplicateId: string): Promise<void> => {
          const path = `/v1/customers/${survivor}/merge`;
          const { status, body } = await api.call<{ mergeId: string }>('POST', path, { duplicateId });
          expect([201, survivor === duplicateId ? 400 : 409]).toContain(status);
          if (status !== 201) return;
          done.merged++;
          if (inForce.some((one) => one.survivor === duplicateId)) done.chained++;
          inForce.push({ mergeId: body.mergeId, survivor });
        };
        for (const { revert: back, one, other, which } of turns) {
          if (back) await revert(which);
          else await merge(ids[one] ?? '', ids[other] ?? '');
        }
        for (let which = 0; inForce.length > 0; which++) await revert(which);
        expect(await everything(ids)).toEqual(before);
      }),
      { seed, numRuns: 400, endOnFailure: true },
    );
    expect(done.merged).toBeGreaterThanOrEqual(merges);
    expect(done.reverted).toBe(done.merged);
    expect(Math.min(done.chained, done.refused)).toBeGreaterThan(10);

    const gaps = await api.sql.query(
      `SELECT customer_id FROM customer_history GROUP BY customer_id
       HAVING max(version) <> count(*) OR min(version) <> 1`,
    );
    expect(gaps.rows).toEqual([]);
    const left = await api.sql.query('SELECT FROM customer_merge WHERE reverted_at IS NULL');
    expect(left.rowCount).toBe(0);
  }, 300_000);
});
