import { jest } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidTokenError, remoteKeys, TokenVerifier } from './token-verifier.js';

const year = 365 * 24 * 3_600_000;

describe('tokens by the keys of an issuer', () => {
  let server: Server;
  let served: object[];
  let asked: number;
  let verifier: TokenVerifier;

  beforeEach(async () => {
    [served, asked] = [[], 0];
    server = createServer((_request, response) => {
      asked++;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: served }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    verifier = new TokenVerifier(remoteKeys(url), { issuer: 'tests', audience: 'tests' });
  });
  afterEach(() => {
    server.close();
    jest.restoreAllMocks();
  });

  /** A new key of the issuer, and a token that it has signed. */
  async function newKey(kid: string): Promise<{ publish: () => void; token: string }> {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256' };
    const token = await new SignJWT({ scope: 'admin' })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setSubject(kid)
      .setIssuer('tests')
      .setAudience('tests')
      .setExpirationTime(new Date(Date.now() + 3 * year))
      .sign(privateKey);
    return { publish: () => served.push(jwk), token };
  }

  it('hold by a key that came later, though the clock was a year ahead when the others were fetched', async () => {
    const [first, second] = [await newKey('first'), await newKey('second')];
    first.publish();
    const real = Date.now;
    const wall = jest.spyOn(Date, 'now').mockImplementation(() => real() + year);
    await verifier.verify(first.token);
    wall.mockImplementation(real);
    second.publish();
    expect((await verifier.verify(second.token)).subject).toBe('second');
  });

  it('by a key that nobody knows are refused, and the issuer is not asked each time', async () => {
    const [first, stranger] = [await newKey('first'), await newKey('stranger')];
    first.publish();
    await verifier.verify(first.token);
    for (let n = 0; n < 10; n++)
      await expect(verifier.verify(stranger.token)).rejects.toBeInstanceOf(InvalidTokenError);
    expect(asked).toBe(2);
  });
});
