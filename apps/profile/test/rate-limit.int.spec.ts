import { ProfileApi } from './profile-api.js';

describe('a client that asks too much', () => {
  let api: ProfileApi;
  beforeAll(async () => {
    api = await ProfileApi.start({ RATE_LIMIT_PER_SECOND: '20' });
  });
  afterAll(() => api.stop());

  const ask = async (many: number, headers: (n: number) => Record<string, string>, path = '/v1/customers') =>
    Promise.all(Array.from({ length: many }, (_, n) => api.call('GET', path, undefined, headers(n))));

  it('is told to wait, while others are served', async () => {
    const [answers, other] = await Promise.all([
      ask(100, () => ({})),
      api.issuer
        .token(undefined, 3600, 'another')
        .then((token) => api.call('GET', '/v1/customers', undefined, { authorization: `Bearer ${token}` })),
    ]);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(20);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect(refused[0]?.headers.get('ratelimit-policy')).toBe('"client";q=20;w=1');
    expect(refused[0]?.body).toMatchObject({ type: '/problems/too-many-requests', status: 429 });
    expect(other.status).toBe(200);
    expect(other.headers.get('ratelimit')).toMatch(/^"client";r=\d+;t=1$/);
  });

  it('without a token is counted by its address, whatever it says its address is', async () => {
    const answers = await ask(100, (n) => ({
      authorization: `Bearer ${n}`,
      'x-forwarded-for': `10.0.0.${n}`,
      forwarded: `for=10.0.0.${n}`,
    }));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
  });

  it('is told so where tokens are made, too', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => api.call('POST', '/oauth/token', 'grant_type=x', form)),
    );
    for (const { status } of answers) expect([400, 429]).toContain(status);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ type: '/problems/too-many-requests', status: 429 });
  });

  it('may ask for its health as often as it likes', async () => {
    const answers = await ask(100, () => ({ authorization: '' }), '/health/live');
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });
});
