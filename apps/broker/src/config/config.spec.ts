import { readAccessPolicies } from './access-policies.js';
import { ConfigError } from './config-error.js';
import { readEventHubs } from './entities.js';
import { readOptions } from './options.js';

const file = 'eventhubs.json';
const hubs = (entities: unknown) =>
  readEventHubs(
    JSON.stringify({ UserConfig: { NamespaceConfig: [{ Type: 'EventHub', Entities: entities }] } }),
    file,
    {},
  );

describe('a configuration file of the official emulator', () => {
  it('is read as it is, comments too', () => {
    const text = `{
      // the emulator's own example
      "UserConfig": { "NamespaceConfig": [ { "Type": "EventHub", "Name": "emulatorNs1", "Entities": [
        { "Name": "eh1", "PartitionCount": "2", "ConsumerGroups": [ { "Name": "cg1" }, { "Name": "$Default" } ] }, /* two */
        { "Name": "eh2//not-a-comment", "PartitionCount": 32, "ConsumerGroups": [] } ] } ],
        "LoggingConfig": { "Type": "File" } } }`;
    expect(() => readEventHubs(text, file, {})).toThrow(/eh2\/\/not-a-comment/);
    expect(readEventHubs(text.replace('//not-a-comment', ''), file, {})).toEqual([
      { name: 'eh1', partitionCount: 2, consumerGroups: ['cg1'], retention: {} },
      { name: 'eh2', partitionCount: 32, consumerGroups: [], retention: {} },
    ]);
  });

  it.each<[string, (json: string) => string]>([
    ['a byte order mark', (json) => `\uFEFF${json}`],
    ['commas behind the last', (json) => json.replaceAll(/([}\]])/g, ', /* last */ $1')],
    ['Windows line ends', (json) => json.replaceAll(',', ',\r\n// more\r\n')],
  ])('may have %s', (_name, vary) => {
    const entities = [{ Name: 'eh1', PartitionCount: '2', ConsumerGroups: [{ Name: 'cg' }] }];
    const json = JSON.stringify({
      UserConfig: { NamespaceConfig: [{ Type: 'EventHub', Entities: entities }] },
    });
    expect(readEventHubs(vary(json), file, {})).toMatchObject([
      { name: 'eh1', partitionCount: 2, consumerGroups: ['cg'] },
    ]);
  });

  it('is not altered within its strings', () => {
    expect(() => hubs([{ Name: 'a,]', PartitionCount: 1 }])).toThrow('"a,]" is no valid Name');
  });

  it.each([
    ['no JSON', () => readEventHubs('{', file, {}), 'eventhubs.json: not valid JSON'],
    ['nothing in it', () => readEventHubs('{}', file, {}), 'UserConfig is missing'],
    [
      'no partitions',
      () => hubs([{ Name: 'a', PartitionCount: 0 }]),
      "Event Hub 'a': PartitionCount must be",
    ],
    ['33 partitions', () => hubs([{ Name: 'a', PartitionCount: '33' }]), 'not "33"'],
    ['no name', () => hubs([{ PartitionCount: 1 }]), 'no valid Name'],
    ['a name that is a path', () => hubs([{ Name: '../x', PartitionCount: 1 }]), 'no valid Name'],
    [
      'a group twice',
      () => hubs([{ Name: 'a', PartitionCount: 1, ConsumerGroups: [{ Name: 'g' }, { Name: 'G' }] }]),
      'twice',
    ],
  ])('is refused with %s, in one line', (_name, read, message) => {
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
  });
});

describe('a file of shared access policies', () => {
  const read = (...policies: object[]) =>
    readAccessPolicies(JSON.stringify({ SharedAccessPolicies: policies }), 'policies.json');
  const shop = { Name: 'shop', Rights: ['Send'], PrimaryKey: 'one' };

  it('gives each key its name and rights, a secondary one too', () => {
    expect(read({ ...shop, SecondaryKey: 'two' }, { ...shop, Name: 'all', Rights: ['Manage'] })).toEqual([
      { name: 'shop', key: 'one', rights: ['Send'] },
      { name: 'shop', key: 'two', rights: ['Send'] },
      { name: 'all', key: 'one', rights: ['Manage'] },
    ]);
  });

  it.each([
    ['no list', () => readAccessPolicies('{}', 'policies.json'), 'SharedAccessPolicies must be a list'],
    ['no JSON', () => readAccessPolicies('{"secret', 'policies.json'), /^policies.json: not valid JSON$/],
    ['no name', () => read({ ...shop, Name: '' }), 'Name is missing'],
    ['a right that there is not', () => read({ ...shop, Rights: ['Read'] }), 'must be some of Send, Listen'],
    ['no rights', () => read({ ...shop, Rights: [] }), "Rights of 'shop'"],
    ['an empty key', () => read({ ...shop, PrimaryKey: '' }), 'PrimaryKey'],
    ['an empty second key', () => read({ ...shop, SecondaryKey: '' }), 'SecondaryKey'],
    ['a misspelt member', () => read({ ...shop, SecondKey: 'x' }), "'SecondKey' is no member"],
    ['a name twice', () => read(shop, shop), "'shop' is declared twice"],
  ])('is refused with %s', (_name, use, message) => {
    expect(use).toThrow(ConfigError);
    expect(use).toThrow(message);
  });
});

describe('options', () => {
  it('have defaults, are overruled by the environment, and that by flags', () => {
    expect(readOptions([], {})).toMatchObject({ amqpPort: 5672, httpPort: 5300, host: '127.0.0.1' });
    const env = { BROKER_AMQP_PORT: '1', BROKER_HTTP_PORT: '2', BROKER_DATA_DIR: 'd', HOST: '::1' };
    expect(readOptions([], env)).toMatchObject({ amqpPort: 1, httpPort: 2, dataDir: 'd', host: '::1' });
    const flags = ['--port', '0', '--http-port', '4', '--data', 'e', '--config', 'a', '--config', 'b'];
    expect(readOptions(flags, env)).toMatchObject({
      amqpPort: 0,
      httpPort: 4,
      dataDir: 'e',
      configFiles: ['a', 'b'],
    });
  });

  it('refuse the default key on an address that others can reach', () => {
    expect(() => readOptions(['--host', '0.0.0.0'], {})).toThrow('HOST 0.0.0.0 is not loopback');
    expect(readOptions(['--host', '0.0.0.0'], { PUBLISHED: 'loopback' })).toMatchObject({ host: '0.0.0.0' });
    expect(readOptions(['--host', '0.0.0.0'], { BROKER_SAS_KEY: 'own' })).toMatchObject({
      accessKeys: [{ name: 'RootManageSharedAccessKey', key: 'own', rights: ['Send', 'Listen', 'Manage'] }],
    });
    for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1'])
      expect(readOptions(['--host', host], {}).host).toBe(host);
  });

  it('take the port of amqps with a certificate', () => {
    const env = { BROKER_TLS_CERT_FILE: 'a.crt', BROKER_TLS_KEY_FILE: 'a.key' };
    expect(readOptions(['--tls-cert', 'b.crt'], env)).toMatchObject({
      amqpPort: 5671,
      tls: { certFile: 'b.crt', keyFile: 'a.key' },
    });
    expect(readOptions([], { ...env, BROKER_AMQP_PORT: '5672' }).amqpPort).toBe(5672);
    expect(() => readOptions([], { BROKER_TLS_KEY_FILE: 'a.key' })).toThrow('TLS needs both --tls-cert');
  });

  it('know whether others can reach the ports', () => {
    const env = { BROKER_SAS_KEY: 'own' };
    expect(readOptions([], env).isPublic).toBe(false);
    expect(readOptions(['--host', '0.0.0.0'], env).isPublic).toBe(true);
    expect(readOptions(['--host', '0.0.0.0'], { ...env, PUBLISHED: 'loopback' }).isPublic).toBe(false);
  });

  it('says which key file it cannot read', () => {
    expect(() => readOptions([], { BROKER_SAS_KEY_FILE: '/nowhere' })).toThrow('BROKER_SAS_KEY_FILE: ENOENT');
  });

  it.each([[['--port', '70000']], [['--port', 'x']], [['--nonsense']], [['--http-port', '']]])(
    'refuse %j',
    (args) => {
      expect(() => readOptions(args, {})).toThrow(ConfigError);
    },
  );
});
