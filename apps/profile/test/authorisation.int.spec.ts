import { aCustomer } from '@app/testing';
import { ProfileApi } from './profile-api.js';

describe('who may do what', () => {
  let api: ProfileApi;
  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  it.each([
    ['no token', ''],
    ['nonsense', 'Bearer nonsense'],
    ['alg none', 'Bearer eyJhbGciOiJub25lIn0.eyJzY29wZSI6ImFkbWluIiwiZXhwIjo5OTk5OTk5OTk5fQ.'],
    ['basic', 'Basic dXNlcjpwYXNz'],
  ])('answers 401 to %s', async (_what, authorization) => {
    const answer = await api.call('GET', '/v1/customers', undefined, { authorization });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('answers 401 to an expired token and to one of another issuer', async () => {
    const expired = await api.issuer.token(undefined, -1);
    expect(
      (await api.call('GET', '/v1/customers', undefined, { authorization: `Bearer ${expired}` })).status,
    ).toBe(401);
    const stranger = await ProfileApi.start();
    try {
      const foreign = await stranger.issuer.token();
      const answer = await api.call('GET', '/v1/customers', undefined, {
        authorization: `Bearer ${foreign}`,
      });
      expect(answer.status).toBe(401);
    } finally {
      await stranger.stop();
    }
  });

  it.each([
    ['POST', '/v1/customers', 'customers:read'],
    ['GET', '/v1/customers', 'customers:write'],
    ['POST', '/v1/personal-data-keys', 'admin'],
    ['DELETE', '/v1/consumer-groups/audit', 'events:read'],
  ])('answers 403 to %s %s with only %s', async (method, path, scope) => {
    const authorization = `Bearer ${await api.issuer.token([scope])}`;
    const answer = await api.call(method, path, method === 'POST' ? aCustomer() : undefined, {
      authorization,
    });
    expect(answer.status).toBe(403);
  });

  it('gives a service a token for its secret, and none for a wrong one', async () => {
    const ask = (secret: string) =>
      fetch(`${api.service.url}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: api.issuer.client.AUTH_CLIENT_ID,
          client_secret: secret,
        }),
      });
    const granted = (await (await ask(api.issuer.client.AUTH_CLIENT_SECRET)).json()) as {
      access_token: string;
    };
    const authorization = `Bearer ${granted.access_token}`;
    expect((await api.call('GET', '/v1/customers', undefined, { authorization })).status).toBe(200);
    expect((await ask('wrong')).status).toBe(401);
  });

  it('publishes the public half of its key only', async () => {
    const { body } = await api.call<{ keys: Record<string, unknown>[] }>('GET', '/.well-known/jwks.json');
    expect(body.keys[0]).toMatchObject({ kty: 'EC' });
    expect(body.keys[0]).not.toHaveProperty('d');
  });
});

describe('what consumers need of profile', () => {
  let api: ProfileApi;
  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  it('hands over keys in the order asked for, and says which id is unknown', async () => {
    const made = await Promise.all(
      [1, 2].map(() => api.call<{ id: string }>('POST', '/v1/customers', aCustomer())),
    );
    const customerIds = made.map((answer) => answer.body.id);
    const answer = await api.call('POST', '/v1/personal-data-keys', { customerIds });
    expect(answer.body).toMatchObject({
      items: customerIds.map((id) => ({ customerId: id, key: { kty: 'oct', alg: 'A256GCM', kid: id } })),
    });
    const unknown = '0190a1b2-0000-7000-8000-00000000dead';
    const refused = await api.call('POST', '/v1/personal-data-keys', {
      customerIds: [customerIds[0], unknown],
    });
    expect(refused.status).toBe(404);
    expect(refused.body).toMatchObject({ errors: [{ pointer: '/customerIds/1' }] });
  });

  it('registers a group once, however often it says so', async () => {
    const first = await api.call('PUT', '/v1/consumer-groups/loyalty');
    const second = await api.call('PUT', '/v1/consumer-groups/loyalty');
    expect(second.body).toEqual(first.body);
    expect((await api.call('DELETE', '/v1/consumer-groups/loyalty')).status).toBe(204);
    expect((await api.call('DELETE', '/v1/consumer-groups/loyalty')).status).toBe(404);
    expect((await api.call('PUT', '/v1/consumer-groups/no%20spaces')).status).toBe(400);
  });

  it('serves the schemas that events name, health, metrics and its own documentation', async () => {
    const schema = await api.call('GET', '/schemas/AddressChanged/v1.json');
    expect(schema.body).toMatchObject({ $id: '/schemas/AddressChanged/v1.json' });
    expect((await api.call('GET', '/health/ready')).status).toBe(200);
    const document = await api.call<{ openapi: string; paths: object }>('GET', '/openapi.json');
    expect(document.body.openapi).toBe('3.1.0');
    expect(Object.keys(document.body.paths)).toContain('/v1/customers/{id}');
    expect((await fetch(`${api.service.url}/metrics`)).status).toBe(200);
    expect((await fetch(`${api.service.url}/docs`)).status).toBe(200);
  });
});
