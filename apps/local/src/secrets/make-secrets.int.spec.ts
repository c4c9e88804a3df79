import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSecrets } from './make-secrets.js';
import { guests, services } from '../services.js';
import { writeServiceFiles } from './service-files.js';

describe('secrets', () => {
  let dir: string;
  beforeEach(async () => {
    dir = join(await mkdtemp(join(tmpdir(), 'secrets-')), 'secrets');
  });
  afterEach(() => rm(join(dir, '..'), { recursive: true, force: true }));

  it('are made once, each for its own eyes, and kept', async () => {
    const first = await makeSecrets(dir);
    expect(await makeSecrets(dir)).toEqual(first);
    const modes = await Promise.all(
      (await readdir(dir)).map(async (file) => (await stat(join(dir, file))).mode & 0o777),
    );
    expect(new Set(modes)).toEqual(new Set([0o600]));
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    expect(Object.keys(first.clients)).toEqual(
      expect.arrayContaining(['audit', 'console', 'search-indexer']),
    );
    expect(new Set([first.clients, first.databases].flatMap((kind) => Object.values(kind))).size).toBe(
      services.length + guests.length + services.filter(({ keeps }) => keeps).length,
    );
  });

  it('hold a private key that signs ES256', async () => {
    await makeSecrets(dir);
    const jwk = JSON.parse(await readFile(join(dir, 'issuer.jwk.json'), 'utf8')) as Record<string, string>;
    expect(jwk).toMatchObject({
      kty: 'EC',
      crv: 'P-256',
      alg: 'ES256',
      use: 'sig',
      kid: expect.any(String) as string,
    });
    expect(createPrivateKey({ key: jwk, format: 'jwk' }).asymmetricKeyType).toBe('ec');
  });

  it('leave the stream to Azure where its connection string is given, and come back from there', async () => {
    const secrets = await makeSecrets(dir);
    const hosts = { postgres: 'postgres:5432', broker: 'broker:5672' };
    const written = async () => [
      await readFile(join(dir, 'eventhubs-connection-string'), 'utf8'),
      await readFile(join(dir, 'servicebus-connection-string'), 'utf8'),
    ];
    await writeServiceFiles(dir, secrets, hosts);
    const engine = await written();
    await writeServiceFiles(dir, secrets, hosts, {
      eventHubs: 'Endpoint=sb://hubs',
      serviceBus: 'Endpoint=sb://bus',
    });
    expect(await written()).toEqual(['Endpoint=sb://hubs\n', 'Endpoint=sb://bus\n']);
    await writeServiceFiles(dir, secrets, hosts, { eventHubs: '' });
    expect(await written()).toEqual(engine);
  });

  it('become files that a container takes as NAME_FILE', async () => {
    const secrets = await makeSecrets(dir);
    await writeServiceFiles(dir, secrets, { postgres: 'postgres:5432', broker: 'broker:5672' });
    expect(await readFile(join(dir, 'search-indexer/database-url'), 'utf8')).toBe(
      `postgresql://search_indexer:${secrets.databases.search_indexer}@postgres:5432/search_indexer\n`,
    );
    expect(await readFile(join(dir, 'eventhubs-connection-string'), 'utf8')).toBe(
      'Endpoint=sb://broker:5672;SharedAccessKeyName=RootManageSharedAccessKey;' +
        `SharedAccessKey=${secrets.brokerSasKey};UseDevelopmentEmulator=true;\n`,
    );
  });
});
