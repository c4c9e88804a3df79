import type { Customer } from '@app/contracts';
import { aCustomer, anAddress } from '@app/testing';
import { randomUUID } from 'node:crypto';
import { ProfileApi } from './profile-api.js';

interface Duplicates {
  items: {
    id: string;
    score: number;
    reasons: { reason: string; similarity?: number }[];
    customer: Customer;
  }[];
}

describe('likely duplicates', () => {
  let api: ProfileApi;
  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  const bare = { email: undefined, phone: undefined, birthDate: undefined, addresses: {} };
  const create = async (change: object): Promise<Customer> =>
    (await api.call<Customer>('POST', '/v1/customers', aCustomer({ ...bare, ...change }))).body;
  const duplicatesOf = async (id: string, query = ''): Promise<Duplicates['items']> =>
    (await api.call<Duplicates>('GET', `/v1/customers/${id}/duplicates${query}`)).body.items;
  const reasons = ({ reasons: all }: Duplicates['items'][number]) => all.map(({ reason }) => reason);

  it('are found by e-mail, telephone, and name with address or birth date, the likeliest first', async () => {
    const home = anAddress({
      line1: '12 Rue de la République',
      city: 'Lyon',
      postalCode: '69002',
      country: 'FR',
    });
    const one = await create({
      givenName: 'Élodie',
      familyName: 'Beaumarchais',
      email: 'Elodie.B@example.org',
      phone: '04 72 00 11 22',
      birthDate: '1980-05-06',
      addresses: { home },
    });
    const other = { givenName: 'Somebody', familyName: 'Else' };
    const sameMail = await create({ ...other, email: 'elodie.b@EXAMPLE.org' });
    const samePhone = await create({ ...other, phone: '+33 4 72 00 11 22' });
    const sameHouse = await create({
      givenName: 'ELODIE',
      familyName: 'BEAUMARCHAI',
      addresses: { billing: { ...home, line1: '12 rue de la Republique' } },
    });
    const reversed = await create({
      givenName: 'Beaumarchais',
      familyName: 'Elodie',
      birthDate: '1980-05-06',
    });
    await create({ givenName: 'Elodie', familyName: 'Beaumarchais' });
    await create({ ...other, addresses: { home } });

    const found = await duplicatesOf(one.id);
    expect(new Map(found.map((item) => [item.id, reasons(item)]))).toEqual(
      new Map([
        [sameHouse.id, ['similar-name', 'similar-address']],
        [reversed.id, ['similar-name', 'same-birth-date']],
        [sameMail.id, ['same-email']],
        [samePhone.id, ['same-phone']],
      ]),
    );
    const scores = found.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(found[0]?.customer).toMatchObject({ id: found[0]?.id });
    expect(await duplicatesOf(one.id, '?limit=1')).toEqual(found.slice(0, 1));
  });

  it('are neither merged nor erased ones, and a merged one’s are the survivor’s', async () => {
    const email = `${randomUUID()}@example.org`;
    const [one, merged, erased] = [await create({ email }), await create({ email }), await create({ email })];
    expect((await duplicatesOf(one.id)).map(({ id }) => id).toSorted()).toEqual(
      [merged.id, erased.id].toSorted(),
    );
    await api.call('POST', `/v1/customers/${one.id}/merge`, { duplicateId: merged.id });
    await api.call('DELETE', `/v1/customers/${erased.id}`);
    expect(await duplicatesOf(one.id)).toEqual([]);
    expect(await duplicatesOf(merged.id)).toEqual([]);
    expect((await api.call('GET', `/v1/customers/${erased.id}/duplicates`)).status).toBe(410);
    expect((await api.call('GET', `/v1/customers/${one.id}/duplicates?limit=0`)).status).toBe(400);
  });
});
