import { ConfigError } from './config-error.js';
import { readEventHubs } from './entities.js';
import { readOptions } from './options.js';

const hub = (members: object, general = {}) => {
  const entities = [{ Name: 'a', PartitionCount: 1, ...members }];
  const config = { UserConfig: { NamespaceConfig: [{ Type: 'EventHub', Entities: entities }] } };
  return readEventHubs(JSON.stringify(config), 'hubs.json', general)[0]?.retention;
};

describe('retention', () => {
  it('is unlimited unless somebody says otherwise', () => {
    expect(readOptions([], {}).retention).toEqual({});
    expect(hub({})).toEqual({});
  });

  it('is set by the environment, that is overruled by flags, and those by a hub of its own', () => {
    const env = { BROKER_RETENTION_HOURS: '1', BROKER_RETENTION_MIB: '2' };
    expect(readOptions([], env).retention).toEqual({ hours: 1, mib: 2 });
    const general = readOptions(['--retention-hours', '24'], env).retention;
    expect(general).toEqual({ hours: 24, mib: 2 });
    expect(hub({ RetentionMiB: 512 }, general)).toEqual({ hours: 24, mib: 512 });
    expect(hub({ RetentionTimeInHours: '168' }, general)).toEqual({ hours: 168, mib: 2 });
  });

  it.each([
    [() => readOptions(['--retention-hours', '0'], {}), '--retention-hours / BROKER_RETENTION_HOURS must be'],
    [() => readOptions(['--retention-mib', '1.5'], {}), 'not "1.5"'],
    [() => readOptions(['--retention-mib', ''], {}), 'not ""'],
    [() => readOptions([], { BROKER_RETENTION_MIB: '1e3' }), 'from 1 to 1000000000, not "1e3"'],
    [() => readOptions([], { BROKER_RETENTION_HOURS: '-1' }), 'not "-1"'],
    [() => hub({ RetentionTimeInHours: null }), "hubs.json: Event Hub 'a': RetentionTimeInHours must be"],
    [() => hub({ RetentionMiB: 1e10 }), 'not 10000000000'],
  ])('refuses a wrong value in one line: %#', (read, message) => {
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
  });
});
