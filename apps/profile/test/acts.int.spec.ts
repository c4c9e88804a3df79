import { ProfileApi } from './profile-api.js';

describe('what an administrator does at profile', () => {
  let api: ProfileApi;
  let asPerson: { authorization: string };

  beforeAll(async () => {
    api = await ProfileApi.start();
    asPerson = { authorization: `Bearer ${await api.issuer.personToken('ada')}` };
  });
  beforeEach(() => api.sql.query('DELETE FROM outbox'));
  afterAll(() => api.stop());

  const told = async (): Promise<object[]> => {
    const { rows } = await api.sql.query<{ attributes: { type: string; source: string }; body: string }>(
      'SELECT attributes, body FROM outbox ORDER BY id',
    );
    return rows.map(({ attributes: { type, source }, body }) =>
      Object.assign(JSON.parse(body) as object, { type, source }),
    );
  };
  const act = (name: string, outcome: string, details = {}) => ({
    type: 'AdministrativeActRecorded',
    source: '/profile',
    act: name,
    actor: 'ada',
    outcome,
    details,
  });

  it('is told to the audit, done or refused: a group taken off', async () => {
    await api.call('PUT', '/v1/consumer-groups/leaver');
    const remove = () => api.call('DELETE', '/v1/consumer-groups/leaver', undefined, asPerson);
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
    expect(await told()).toEqual([
      act('remove-consumer-group', 'done'),
      act('remove-consumer-group', 'refused'),
    ]);
  });

  it('is told to the audit: a republication', async () => {
    const details = { changedSince: '2026-01-31T00:00:00Z' };
    expect((await api.call('POST', '/v1/admin/republish', details, asPerson)).status).toBe(202);
    expect(await told()).toContainEqual(act('republish', 'done', details));
    expect((await api.call('GET', '/schemas/AdministrativeActRecorded/v1.json')).status).toBe(200);
  });

  it('is not done where it cannot be told', async () => {
    await api.call('PUT', '/v1/consumer-groups/stayer');
    await api.sql.query('ALTER TABLE outbox RENAME TO elsewhere');
    try {
      expect((await api.call('DELETE', '/v1/consumer-groups/stayer', undefined, asPerson)).status).toBe(500);
    } finally {
      await api.sql.query('ALTER TABLE elsewhere RENAME TO outbox');
    }
    const { body } = await api.call<{ items: { name: string }[] }>('GET', '/v1/consumer-groups');
    expect(body.items.map(({ name }) => name)).toContain('stayer');
  });
});
