import { createConfig, lintFromString } from '@redocly/openapi-core';
import { array, assert, asyncProperty, oneof } from 'fast-check';
import { Agent } from 'undici';
import { seedOfRun } from '@app/testing';
import { scopes } from '@app/service-defaults';
import { Platform } from '../support/platform.js';
import { type Answer, AnswerCheck } from './answers.js';
import {
  documentOf,
  nameOf,
  type OpenApiDocument,
  type Operation,
  operationsOf,
  type RestService,
  restServices,
  scopesOf,
  undescribed,
} from './documents.js';
import { requestsOf, type WildRequest } from './request-arbitraries.js';
import { documentedScopes } from './scope-table.js';
import { allBut, type Tokens, tokensOf } from './tokens.js';

/** Routes that anybody may call, and that OpenAPI documents. */
const open = new Set([
  'profile GET /schemas/{type}/{file}',
  'profile GET /asyncapi.json',
  // A key, and the code of a handshake, take a token's place: apps/event-grid tests both.
  'event-grid POST /api/events',
  'event-grid GET /v1/event-subscriptions/{name}/validate',
]);

const requests = Number(process.env['T19_REQUESTS'] ?? 5_000);
const atOnce = 20;

describe('every route of every service', () => {
  let platform: Platform;
  let tokens: Tokens;
  let documents: Map<RestService, OpenApiDocument>;
  let operations: Operation[];
  const client = new Agent();

  beforeAll(async () => {
    platform = await Platform.start();
    tokens = await tokensOf(platform);
    documents = new Map();
    for (const service of restServices) documents.set(service, await documentOf(platform, service));
    operations = [...documents].flatMap(([service, document]) => operationsOf(service, document));
  }, 120_000);
  afterAll(async () => {
    await client.close();
    await platform.stop();
  });

  const call = (
    { service, method, path }: Operation,
    authorization: string | undefined,
    body = '{',
  ): Promise<Response> =>
    fetch(platform.url(service) + path.replace(/\{\w+\}/g, '0190a1b2-0000-7000-8000-00000000dead'), {
      method,
      headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
      ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
    });
  const guarded = (): Operation[] => operations.filter((one) => scopesOf(one) !== undefined);

  it('is documented, wants a scope, and stands in the table of docs/api.md', () => {
    expect(operations.length).toBeGreaterThan(40);
    const inCode = operations.map((one) => `${nameOf(one)}: ${scopesOf(one)?.join(' ') ?? 'none'}`);
    expect(documentedScopes().toSorted()).toEqual(inCode.toSorted());
    expect(inCode.filter((line) => line.endsWith(': '))).toEqual([]);
    const forAnybody = operations.filter((one) => scopesOf(one) === undefined).map(nameOf);
    expect(forAnybody.filter((name) => !open.has(name))).toEqual([]);
  });

  it('is described by a document without a flaw', async () => {
    // by-account-number is no id: what looks ambiguous is told apart by every router, and fixed by contract.
    const config = await createConfig({ extends: ['recommended'], rules: { 'no-ambiguous-paths': 'off' } });
    for (const [service, document] of documents) {
      const problems = await lintFromString({ source: JSON.stringify(document), config });
      const said = problems.map(({ message, location: [at] }) => `${at?.pointer ?? ''}: ${message}`);
      expect({ service, said }).toEqual({ service, said: [] });
    }
  });

  it('says of each body what is in it, and shows one', () => {
    const dark = operations.flatMap((one) => {
      const document = documents.get(one.service);
      return document ? undescribed(one, document) : [];
    });
    expect(dark).toEqual([]);
  });

  it('is 401 without a token, whatever the body', async () => {
    const asked = guarded();
    for (const one of guarded()) if (one.method === 'GET') asked.push({ ...one, method: 'HEAD' });
    for (const one of asked) {
      for (const authorization of [undefined, 'Bearer nonsense', 'Basic dXNlcjpwYXNz']) {
        const answer = await call(one, authorization);
        expect([nameOf(one), answer.status]).toEqual([nameOf(one), 401]);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
        expect(answer.headers.get('cache-control')).toBe('no-store');
      }
    }
  });

  it('is 403 with every scope but its own', async () => {
    for (const one of guarded()) {
      const needed = scopesOf(one) ?? [];
      const answer = await call(one, `Bearer ${await tokens(allBut(needed))}`);
      expect([nameOf(one), answer.status]).toEqual([nameOf(one), 403]);
      expect(answer.headers.get('www-authenticate')).toContain(`scope="${needed.join(' ')}"`);
    }
  });

  it(`answers ${requests} wild requests as documented, and never with a 5xx (T19)`, async () => {
    const token = await tokens(scopes);
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) ids.push((await platform.addCustomer()).id);
    const check = new AnswerCheck(documents);
    const send = async ({ operation, path, headers, body }: WildRequest): Promise<Answer> => {
      // fetch and URL would take `.` and `..` out of the path: no server would ever see them.
      const response = await client.request({
        origin: platform.url(operation.service),
        path,
        method: operation.method,
        headers: { authorization: `Bearer ${token}`, ...headers },
        body: body && operation.method !== 'GET' ? body : null,
      });
      const type = response.headers['content-type'];
      return {
        status: response.statusCode,
        contentType: String(type ?? ''),
        text: await response.body.text(),
      };
    };
    const seen = new Map<number, number>();
    /** The first example of each. */
    const flaws = new Map<string, string>();
    const tryOut = async (wild: WildRequest): Promise<void> => {
      const answer = await send(wild);
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      const { operation, body, path, headers } = wild;
      const flaw = check.flawOf(operation, answer);
      const what = `${nameOf(operation)}: ${flaw}`;
      if (flaw === undefined || flaws.has(what)) return;
      const sent = `${path} ${JSON.stringify(headers)} ${body?.subarray(0, 300).toString() ?? ''}`;
      flaws.set(what, `${what}\n${sent}\n${answer.text.slice(0, 300)}`);
    };
    const batches = array(oneof(...operations.map((one) => requestsOf(one, ids))), {
      minLength: atOnce,
      maxLength: atOnce,
    });
    await assert(
      asyncProperty(batches, async (batch) => {
        await Promise.all(batch.map(tryOut));
      }),
      { numRuns: Math.ceil(requests / atOnce), seed: seedOfRun(), endOnFailure: true },
    );
    expect([...flaws.values()].join('\n\n')).toBe('');
    // Requests that are all refused at the door would prove little.
    expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 201, 202, 204, 400, 404, 415]));
  }, 600_000);
});
