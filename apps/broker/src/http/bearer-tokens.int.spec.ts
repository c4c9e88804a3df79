import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { BrokerHarness, type Running } from '../../test/harness.js';

describe('bearer tokens at the HTTP door', () => {
  let harness: BrokerHarness;
  let broker: Running;
  let issuer: Server;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let away = false;

  beforeAll(async () => {
    keys = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' };
    issuer = createServer((_, response) => {
      response.writeHead(away ? 503 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ keys: [jwk] }));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => issuer.once('listening', resolve));
    harness = await BrokerHarness.create();
    const { port } = issuer.address() as AddressInfo;
    broker = await harness.start([], { AUTH_JWKS_URL: `http://127.0.0.1:${port}/jwks` });
  });
  afterAll(async () => {
    await harness.close();
    await new Promise((resolve) => issuer.close(resolve));
  });

  const bearer = async (scope: string, audience = 'customer-profile') => {
    const jwt = new SignJWT({ scope }).setProtectedHeader({ alg: 'ES256', kid: 'k1' });
    const claims = jwt.setIssuer('urn:customer-profile:local').setAudience(audience).setExpirationTime('1h');
    return `Bearer ${await claims.sign(keys.privateKey)}`;
  };
  const statusOf = async (authorization: string) => {
    const url = `http://127.0.0.1:${broker.httpPort}/v1/event-hubs`;
    return (await fetch(url, { headers: { authorization } })).status;
  };

  it('say when they cannot be checked, and are checked when they can', async () => {
    away = true;
    expect(await statusOf(await bearer('admin'))).toBe(503);
    away = false;
    expect(await statusOf(await bearer('customers:read admin'))).toBe(200);
  });

  it('open it with the scope admin only', async () => {
    expect(await statusOf(await bearer('customers:read'))).toBe(403);
    expect(await statusOf(await bearer('admin', 'somebody else'))).toBe(401);
    expect(await statusOf('Bearer x')).toBe(401);
    expect(await statusOf('Basic eDp5')).toBe(401);
  });
});
