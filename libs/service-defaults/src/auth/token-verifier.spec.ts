import { generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { TokenVerifier } from './token-verifier.js';

describe('who calls', () => {
  const expected = { issuer: 'issuer', audience: 'audience' };
  let sign: (claims: JWTPayload) => Promise<string>;
  let verifier: TokenVerifier;

  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    verifier = new TokenVerifier(async () => publicKey, expected);
    sign = (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(expected.issuer)
        .setAudience(expected.audience)
        .setExpirationTime('1h')
        .sign(privateKey);
  });

  it.each([
    ['client credentials', { sub: 'audit', client_id: 'audit' }, { client: 'audit', isService: true }],
    ['Entra ID, an application', { sub: 'a1', azp: 'b2', idtyp: 'app' }, { client: 'b2', isService: true }],
    [
      'a person through an application',
      { sub: 'ada', client_id: 'web' },
      { client: 'web', isService: false },
    ],
    ['Entra ID, a person', { sub: 'ada', azp: 'web', idtyp: 'user' }, { client: 'web', isService: false }],
    ['nobody says which application', { sub: 'ada' }, { client: 'ada', isService: false }],
    ['nobody at all', {}, { client: '', isService: false }],
  ])('%s', async (_what, claims, caller) => {
    expect(await verifier.verify(await sign(claims))).toMatchObject(caller);
  });
});
