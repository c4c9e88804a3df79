import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Customer } from '@app/contracts';
import { aCustomer, testAudience, testIssuerName } from '@app/testing';
import { exportJWK, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { type Answer, ProfileApi } from './profile-api.js';

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const json = { 'content-type': 'application/json' };

describe('a hostile request', () => {
  let api: ProfileApi;
  let key: JWK;

  beforeAll(async () => {
    api = await ProfileApi.start({ RATE_LIMIT_PER_SECOND: '10000' });
    key = JSON.parse(await readFile(join(api.issuer.secretsDir, 'issuer.jwk.json'), 'utf8')) as JWK;
  });
  afterAll(() => api.stop());

  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    api.call('POST', '/v1/customers', body, { ...json, ...headers });

  function expectProblem(answer: Answer, status: number): void {
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.body).toMatchObject({ status, type: expect.stringMatching(/^\/problems\//) as string });
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\bat .*:\d+:\d+|stack/);
  }

  describe('with a token that does not hold', () => {
    const claims: JWTPayload = {
      sub: 'tests',
      scope: 'customers:read customers:write',
      iss: testIssuerName,
      aud: testAudience,
    };
    const signed = async (header: object, payload: object = {}, by: JWK = key): Promise<string> =>
      new SignJWT({ ...claims, exp: inSeconds(600), ...payload })
        .setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header })
        .sign(await importJWK(by, 'ES256'), { crit: { 'x-unknown': true } });
    const byHand = (header: object, signature: (input: string) => string): string => {
      const input = `${base64url(header)}.${base64url({ ...claims, exp: inSeconds(600) })}`;
      return `${input}.${signature(input)}`;
    };
    const own = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

    const tokens: [string, () => Promise<string> | string][] = [
      ['alg none', () => byHand({ alg: 'none' }, () => '')],
      ['alg NONE and a kid of ours', () => byHand({ alg: 'NONE', kid: key.kid }, () => '')],
      [
        'HS256 under our public key',
        () => {
          const { d: _private, ...publicKey } = key;
          const pem = createPublicKey({ key: publicKey as never, format: 'jwk' }).export({
            type: 'spki',
            format: 'pem',
          });
          return byHand({ alg: 'HS256', kid: key.kid }, (input) =>
            createHmac('sha256', pem).update(input).digest('base64url'),
          );
        },
      ],
      ['a kid that is a path', () => signed({ kid: '../../../../dev/null' })],
      [
        'a key of its own in the header',
        async () => {
          const pair = own();
          const jwk = await exportJWK(pair.publicKey);
          return signed({ jwk, kid: undefined }, {}, await exportJWK(pair.privateKey));
        },
      ],
      [
        'a key of its own at an address of its own',
        async () => signed({ jku: 'http://127.0.0.1:1/keys' }, {}, await exportJWK(own().privateKey)),
      ],
      ['an unknown critical header', () => signed({ crit: ['x-unknown'], 'x-unknown': 1 })],
      ['an end that is past', () => signed({}, { exp: inSeconds(-1) })],
      ['no end', () => signed({}, { exp: undefined })],
      ['a beginning to come', () => signed({}, { nbf: inSeconds(60) })],
      ['another issuer', () => signed({}, { iss: 'urn:somebody:else' })],
      ['another audience', () => signed({}, { aud: 'somebody-else' })],
      [
        'a claim changed after signing',
        async () => {
          const [header, , signature] = (await signed({})).split('.');
          return `${header}.${base64url({ ...claims, scope: 'admin', exp: inSeconds(600) })}.${signature}`;
        },
      ],
      ['no signature', async () => (await signed({})).replace(/[^.]*$/, '')],
    ];
    it.each(tokens)('(%s) is 401', async (_what, token) => {
      const authorization = `Bearer ${await token()}`;
      const answer = await api.call('GET', '/v1/customers', undefined, { authorization });
      expectProblem(answer, 401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    });

    it('would be let in if it held', async () => {
      const authorization = `Bearer ${await signed({})}`;
      expect((await api.call('GET', '/v1/customers', undefined, { authorization })).status).toBe(200);
    });
  });

  it.each([
    ['a body that is no JSON', '{', json],
    ['a body that is too large', 'x'.repeat(300_000), json],
    ['a type nobody takes', '<a/>', { 'content-type': 'application/xml' }],
    ['a wrong member', '{"familyName":1}', json],
  ])('from a stranger is 401 before anything else: %s', async (_what, body, headers) => {
    expectProblem(await post(body, { ...headers, authorization: '' }), 401);
    const authorization = `Bearer ${await api.issuer.token(['customers:read'])}`;
    expectProblem(await post(body, { ...headers, authorization }), 403);
  });

  const utf8 = (text: string, ...wrong: number[]): Buffer =>
    Buffer.concat([Buffer.from(text), Buffer.from(wrong), Buffer.from('"}')]);
  const whole = JSON.stringify(aCustomer());
  const withMember = (member: string): string => whole.replace('{', `{${member},`);

  it.each([
    ['NUL in a string', withMember(String.raw`"title":"a\u0000b"`), 400],
    ['half a surrogate pair', withMember(String.raw`"title":"\ud83d"`), 400],
    ['half a surrogate pair as a name', withMember(String.raw`"\udc00":1`), 400],
    ['1e400', withMember('"preferences":{"level":1e400}'), 400],
    ['a member twice', withMember('"familyName":"Byron"'), 400],
    ['a member twice, spelt differently', withMember(String.raw`"f\u0061milyName":"Byron"`), 400],
    ['a member twice, deeper', withMember('"preferences":{"a":1,"a":1}'), 400],
    ['10,000 arrays', '['.repeat(10_000) + ']'.repeat(10_000), 400],
    ['10,000 objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000), 400],
    ['bytes that are not UTF-8', utf8('{"title":"', 0xc3, 0x28), 400],
    ['an overlong encoding', utf8('{"title":"', 0xc0, 0xaf), 400],
    ['half a surrogate pair in UTF-8', utf8('{"title":"', 0xed, 0xa0, 0x80), 400],
    ['UTF-16', Buffer.from(whole, 'utf16le'), 400],
    ['nothing', '', 400],
    ['null', 'null', 400],
    ['an array', '[]', 400],
    ['a comment', `/* */${whole}`, 400],
    ['an id', withMember('"id":"0190a1b2-0000-7000-8000-00000000dead"'), 400],
    ['a version', withMember('"version":7'), 400],
    ['a time', withMember('"createdAt":"2020-01-01T00:00:00Z"'), 400],
    ['consents', withMember('"consents":{"marketing":{"granted":true,"at":"2020-01-01T00:00:00Z"}}'), 400],
    ['__proto__', withMember('"__proto__":{"admin":true}'), 400],
    ['constructor', withMember('"constructor":{"prototype":{"admin":true}}'), 400],
    ['__proto__ among preferences', withMember('"preferences":{"__proto__":1}'), 400],
    ['more than 256 KiB', withMember(`"title":"${'x'.repeat(256 * 1024)}"`), 413],
  ])('with %s in its body is refused', async (_what, body, status) => {
    expectProblem(await post(body), status);
  });

  it('that is nothing of the sort is served', async () => {
    const member = String.raw`"title":"\ud83d\ude00 \\u0000"`;
    const made = await post(withMember(member));
    expect([made.status, made.body['title']]).toEqual([201, String.raw`😀 \u0000`]);
    const padded = Buffer.alloc(256 * 1024, ' ');
    padded.write(JSON.stringify(aCustomer()));
    expect((await post(padded)).status).toBe(201);
  });

  it('names the member that is there twice', async () => {
    const { body } = await post(withMember('"preferences":{"a":1,"a":1}'));
    expect(body).toMatchObject({ errors: [{ pointer: '/preferences/a' }] });
  });

  it.each([
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'nonsense',
  ])('with a body of %s is 415', async (type) => {
    expectProblem(await api.call('POST', '/v1/customers', whole, { 'content-type': type }), 415);
  });

  it('in another charset than UTF-8 is 415, imports too', async () => {
    for (const charset of ['iso-8859-1', 'utf-16', '"latin1"', 'nonsense']) {
      const type = { 'content-type': `application/json; charset=${charset}` };
      expectProblem(await api.call('POST', '/v1/customers', whole, type), 415);
      const csv = { 'content-type': `text/csv; charset=${charset}` };
      expectProblem(await api.call('POST', '/v1/imports', 'account_number', csv), 415);
    }
    const type = { 'content-type': 'application/json; charset="UTF-8"' };
    expect((await api.call('POST', '/v1/customers', JSON.stringify(aCustomer()), type)).status).toBe(201);
  });

  it('with a parameter that its route does not have does nothing', async () => {
    const { body } = await post(aCustomer());
    const path = `/v1/customers/${String(body['id'])}`;
    expectProblem(await api.call('DELETE', `${path}?dryRun=true`), 400);
    expectProblem(await api.call('GET', `${path}?x=1`), 400);
    expect((await api.call('GET', path)).status).toBe(200);
  });

  it.each([
    { consents: null },
    { id: null },
    { version: 3 },
    { nonsense: null },
    { constructor: null },
    { addresses: { other: null } },
    { addresses: { home: { country: 'DE', planet: null } } },
  ] as object[])('for a patch of %j is 400', async (patch) => {
    const { body } = await post(aCustomer());
    const path = `/v1/customers/${String(body['id'])}`;
    expectProblem(await api.call('PATCH', path, patch, { 'if-match': '*' }), 400);
    expect((await api.call<Customer>('GET', path)).body.version).toBe(1);
  });

  it('with JSON in a Content-Encoding is 415, and says which would do', async () => {
    const packed = await api.call('POST', '/v1/customers', gzipSync(whole), {
      ...json,
      'content-encoding': 'gzip',
    });
    expectProblem(packed, 415);
    expect(packed.headers.get('accept-encoding')).toBe('identity');
    const plain = await post(aCustomer(), { 'content-encoding': 'identity' });
    expect(plain.status).toBe(201);
  });

  it('for another page with a cursor that is not of this list is 400', async () => {
    for (const _ of [1, 2, 3]) await post(aCustomer({ email: 'cursor@example.org' }));
    const list = '/v1/customers?email=cursor@example.org&limit=1';
    const { body } = await api.call<{ nextCursor: string }>('GET', list);
    const cursor = body.nextCursor;
    expect((await api.call('GET', `${list}&cursor=${cursor}`)).status).toBe(200);
    expect((await api.call('GET', `${list.replace('=1', '=2')}&cursor=${cursor}`)).status).toBe(200);
    const other = `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const query of [
      `${list}&cursor=${other}`,
      `${list}&cursor=${cursor}&cursor=${cursor}`,
      `/v1/customers?cursor=${cursor}`,
      '/v1/customers?cursor=',
    ])
      expectProblem(await api.call('GET', query), 400);
  });

  it.each([
    'limit=0',
    'limit=-1',
    'limit=201',
    'limit=1e9',
    'limit=1000000000',
    'limit=',
    'limit=1&limit=2',
    'sort=email',
    'order=id;drop table customer',
    'email[]=x',
    'accountNumber=%00',
    'accountNumber=%ff',
    'accountNumber=%ed%a0%80',
    '__proto__=1',
    'constructor=1',
  ])('for a list with %s is 400', async (query) => {
    expectProblem(await api.call('GET', `/v1/customers?${query}`), 400);
  });

  it('for nothing at all is 404, whatever the method', async () => {
    for (const path of ['/v1/customers/', '/v1/nowhere', '/v1/customers//addresses/home']) {
      expectProblem(await api.call('GET', path), 404);
      expectProblem(await api.call('PUT', path, {}), 404);
    }
  });

  it('for a token with a form that is too large is an error as OAuth words it', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status, body } = await api.call('POST', '/oauth/token', 'a'.repeat(300_000), form);
    expect([status, body]).toEqual([413, { error: 'invalid_request' }]);
  });

  it('that changes nothing makes nothing, by every way of writing', async () => {
    const input = aCustomer();
    const { body: made } = await api.call<Customer>('POST', '/v1/customers', input);
    const { accountNumber, ...rest } = input;
    const same: [string, string, unknown][] = [
      ['PATCH', `/v1/customers/${made.id}`, {}],
      ['PATCH', `/v1/customers/${made.id}`, rest],
      ['PATCH', `/v1/customers/${made.id}`, { title: null, addresses: { shipping: null } }],
      ['PUT', `/v1/customers/by-account-number/${accountNumber}`, rest],
      ['PUT', `/v1/customers/${made.id}/addresses/home`, input.addresses?.home],
      ['DELETE', `/v1/customers/${made.id}/addresses/shipping`, undefined],
    ];
    for (const [method, path, body] of same) {
      const answer = await api.call<Customer>(method, path, body, { 'if-match': '"1"' });
      expect([answer.status, answer.headers.get('etag'), answer.headers.get('event-id')]).toEqual([
        200,
        '"1"',
        null,
      ]);
      expect(answer.body).toEqual(made);
    }
  });
});
