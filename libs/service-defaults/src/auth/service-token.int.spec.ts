import { jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { ServiceToken } from './service-token.js';

describe('the token of a service', () => {
  let server: Server;
  let url: string;
  let issued: number;
  /** Tokens that the service which is called does not take. */
  let refused: Set<string>;
  let asked: string[];

  beforeEach(async () => {
    issued = 0;
    refused = new Set();
    asked = [];
    server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/token') {
        response.end(JSON.stringify({ access_token: `t${++issued}`, expires_in: 3_600 }));
        return;
      }
      const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
      asked.push(token);
      response.statusCode = refused.has(token) ? 401 : 200;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => server.close());
  afterEach(() => jest.restoreAllMocks());

  const serviceToken = () =>
    new ServiceToken({ tokenUrl: `${url}/token`, clientId: 'tests', clientSecret: 'a secret of tests' });
  const call = async (token: ServiceToken) => (await token.fetch(`${url}/called`)).status;

  it('is fetched once, for all who ask', async () => {
    const token = serviceToken();
    expect(await Promise.all([call(token), call(token)])).toEqual([200, 200]);
    expect(asked).toEqual(['t1', 't1']);
  });

  it('is renewed when it is refused, and the request made again', async () => {
    const token = serviceToken();
    await call(token);
    refused.add('t1');
    expect(await Promise.all([call(token), call(token)])).toEqual([200, 200]);
    expect(issued).toBe(2);
    expect(await call(token)).toBe(200);
    expect(issued).toBe(2);
  });

  it('goes with what is posted, renewed when it is refused', async () => {
    const token = serviceToken();
    const post = () => token.post(`${url}/called`, { a: 1 }, 5_000);
    expect(await post()).toEqual({ status: 200, text: '{}' });
    refused.add('t1');
    expect(await Promise.all([post(), post()])).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(issued).toBe(2);
  });

  it('is not fetched over and over for one who takes none', async () => {
    const token = serviceToken();
    refused = new Set(['t1', 't2']);
    expect(await call(token)).toBe(401);
    expect(asked).toEqual(['t1', 't2']);
  });

  it('ages by a clock that nobody sets', async () => {
    const real = Date.now;
    const wall = jest.spyOn(Date, 'now');
    const year = 365 * 24 * 3_600_000;
    const token = serviceToken();
    wall.mockImplementation(() => real() + year);
    await call(token);
    wall.mockImplementation(real);
    const uptime = jest.spyOn(performance, 'now');
    uptime.mockReturnValue(performance.now() + 3_000_000);
    await call(token);
    expect(issued).toBe(1);
    uptime.mockReturnValue(performance.now() + 3_300_000);
    await call(token);
    expect(issued).toBe(2);
  });
});
