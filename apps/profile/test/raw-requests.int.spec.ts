import { connect } from 'node:net';
import { ProfileApi } from './profile-api.js';

describe('a request that no client library makes', () => {
  let api: ProfileApi;
  beforeAll(async () => {
    api = await ProfileApi.start();
  });
  afterAll(() => api.stop());

  /** As it is written, up to the end of the answer's headers. */
  const raw = (...lines: string[]): Promise<{ status: number; head: string }> =>
    new Promise((resolve, reject) => {
      const socket = connect(api.service.port, '127.0.0.1');
      let answer = '';
      socket.setEncoding('utf8').on('error', reject);
      socket.on('data', (text: string) => {
        answer += text;
        if (!answer.includes('\r\n\r\n')) return;
        resolve({ status: Number(answer.split(' ')[1]), head: answer });
        socket.destroy();
      });
      socket.write([...lines, 'Host: x', 'Connection: close', '', ''].join('\r\n'));
    });

  it.each([
    ['two lengths', ['Content-Length: 1', 'Content-Length: 2']],
    ['a length and chunks', ['Content-Length: 1', 'Transfer-Encoding: chunked']],
    ['a folded header', ['A: b', ' c']],
  ])('that is no HTTP (%s) is 400', async (_what, lines) => {
    const { status, head } = await raw('POST /v1/customers HTTP/1.1', ...lines);
    expect(status).toBe(400);
    expect(head).toContain('content-type: application/problem+json\r\n');
  });

  it('with headers without end is 431', async () => {
    const { status, head } = await raw('GET /v1/customers HTTP/1.1', `A: ${'x'.repeat(40_000)}`);
    expect(status).toBe(431);
    expect(head).toContain('content-type: application/problem+json\r\n');
  });

  it.each([
    ['PUT', '/v1/customers', 'GET, HEAD, POST'],
    ['DELETE', '/v1/customers/by-account-number/A1', 'PUT'],
    ['OPTIONS', '/v1/personal-data-keys', 'POST'],
    ['TRACE', '/v1/personal-data-keys?a=/b', 'POST'],
  ])('of %s %s is 405, and learns what is allowed', async (method, path, allow) => {
    const { status, head } = await raw(`${method} ${path} HTTP/1.1`);
    expect(status).toBe(405);
    expect(head).toContain(`allow: ${allow}\r\n`);
  });
});
