import assert from 'node:assert/strict';

const core = ['broker', 'console', 'databases', 'postgres', 'profile', 'secrets'];
const consumers = ['address-notifications', 'audit', 'event-grid', 'search-indexer'];
const beside = ['ingress', 'mailbox', 'notification-worker'];

/** Which services each profile has, and that each override is one Compose can read. */
export function profiles(compose) {
  const services = (...args) =>
    compose
      .run(...args, 'config', '--services')
      .trim()
      .split('\n')
      .toSorted();
  const all = [...core, ...consumers, ...beside].toSorted();
  assert.deepEqual(services(), all, 'without a profile');
  assert.deepEqual(services('--profile', 'all'), all, '--profile all');
  assert.deepEqual(services('--profile', 'core'), core, '--profile core');
  for (const name of consumers) {
    const own = name === 'address-notifications' ? beside : ['ingress'];
    assert.deepEqual(services('--profile', name), [...core, ...own, name].toSorted(), `--profile ${name}`);
  }
  const needed = [
    'EVENTHUBS_CONNECTION_STRING',
    'SERVICEBUS_CONNECTION_STRING',
    'ACCEPT_EULA',
    'MSSQL_SA_PASSWORD',
  ];
  for (const variable of needed) compose.env[variable] = 'x';
  const on = (file) => services('-f', 'docker-compose.yml', '-f', file);
  assert.deepEqual(
    on('docker-compose.azure.yml'),
    all.filter((name) => name !== 'broker'),
  );
  assert.ok(
    !on('docker-compose.emulators.yml').includes('broker'),
    'the emulators take the place of the broker',
  );
  for (const variable of needed) delete compose.env[variable];
  return `${all.length} services, ${core.length} of them core`;
}
