import { createHmac } from 'node:crypto';
import { createSasTokenProvider } from '@azure/core-amqp';
import { Claims } from './claims.js';
import { verifySasToken, type AccessKey } from './sas-token.js';

const key: AccessKey = {
  name: 'RootManageSharedAccessKey',
  key: 'SAS_KEY_VALUE',
  rights: ['Send', 'Listen'],
};
const now = Date.now();
const HUB = 'sb://localhost:5672/customer-events';

/** The SDK makes the tokens: it is the oracle. */
async function sdkToken(audience: string, name = key.name, secret = key.key): Promise<string> {
  const provider = createSasTokenProvider({ sharedAccessKeyName: name, sharedAccessKey: secret });
  const { token } = await (provider.getToken(audience) as Promise<{ token: string }>);
  return token;
}
/** For tokens the SDK would not make. */
function forged(sr: string, se: string, secret = key.key): string {
  const sig = createHmac('sha256', secret).update(`${sr}\n${se}`).digest('base64');
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${se}&skn=${key.name}`;
}
const verify = (token: string, audience = HUB, keys = [key]) => verifySasToken(token, audience, keys, now);
const soon = String(Math.floor(now / 1000) + 60);

describe('a SAS token', () => {
  it('of the SDK is taken for each of its audiences', async () => {
    for (const suffix of ['', '/Partitions/3', '/ConsumerGroups/$Default/Partitions/0', '/$management']) {
      expect(verify(await sdkToken(HUB + suffix), HUB + suffix)).toMatchObject({ ok: true });
    }
  });

  it('covers what lies below it, whatever the case, host and port', async () => {
    const token = await sdkToken('sb://elsewhere:1/Customer-Events');
    expect(verify(token, `${HUB}/ConsumerGroups/g/Partitions/0`)).toMatchObject({
      ok: true,
      claim: { path: ['customer-events'], rights: key.rights },
    });
  });

  it.each([
    ['another key', sdkToken(HUB, key.name, 'other')],
    ['an unknown key name', sdkToken(HUB, 'nobody')],
    ['hub1 for hub10', sdkToken('sb://localhost/customer-event')],
    ['a path below for the path above', sdkToken(`${HUB}/Partitions/1`)],
    ['an expiry in the past', forged(encodeURIComponent(HUB), String(Math.floor(now / 1000) - 1))],
    ['an expiry of NaN', forged(encodeURIComponent(HUB), 'NaN')],
    ['a negative expiry', forged(encodeURIComponent(HUB), '-1')],
    ['an endless expiry', forged(encodeURIComponent(HUB), '9'.repeat(40))],
    ['a resource that is no URI text', forged('%E0%A4%A', soon)],
    ['nothing', ''],
    ['no signature', `SharedAccessSignature sr=${encodeURIComponent(HUB)}&se=${soon}&skn=${key.name}`],
    ['a field twice', `${forged(encodeURIComponent(HUB), soon)}&sr=${encodeURIComponent(HUB)}`],
    ['a field too many', `${forged(encodeURIComponent(HUB), soon)}&x=1`],
    ['a truncated signature', forged(encodeURIComponent(HUB), soon).replace(/sig=.{4}/, 'sig=')],
    ['another scheme', forged(encodeURIComponent(HUB), soon).replace('SharedAccessSignature', 'Bearer')],
    ['10 kB of it', `${forged(encodeURIComponent(HUB), soon)}${'&'.repeat(10_000)}`],
  ])('is refused with %s', async (_name, token) => {
    expect(verify(await token)).toMatchObject({ ok: false });
  });

  it('is taken with either of two keys of one name: a key can be rolled over', async () => {
    const keys = [key, { ...key, key: 'secondary' }];
    expect(verify(await sdkToken(HUB, key.name, 'secondary'), HUB, keys)).toMatchObject({ ok: true });
    expect(verify(await sdkToken(HUB, key.name, 'removed'), HUB, keys)).toMatchObject({ ok: false });
  });
});

describe('the claims of a connection', () => {
  const claim = { path: ['hub1'], rights: ['Send'] as const, expires: now + 1_000 };

  it('hold for their path and right until they expire', () => {
    const claims = new Claims();
    claims.add(claim);
    expect(claims.allows('Send', 'Hub1/Partitions/0', now)).toBe(true);
    expect(claims.allows('Send', 'hub10', now)).toBe(false);
    expect(claims.allows('Listen', 'hub1', now)).toBe(false);
    expect(claims.allows('Send', 'hub1', now + 1_000)).toBe(false);
  });

  it('are renewed by a newer token for the path', () => {
    const claims = new Claims();
    claims.add(claim);
    claims.add({ ...claim, expires: now + 5_000 });
    expect(claims.allows('Send', 'hub1', now + 2_000)).toBe(true);
  });
});
