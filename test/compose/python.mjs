import assert from 'node:assert/strict';
import { eventually } from '@app/testing';

const wanted = new Set(['CustomerAdded', 'AddressChanged', 'CustomerErased']);
const patience = { timeoutMs: 120_000, intervalMs: 500 };

/** What it printed, an event a line; what was printed and not committed before it was killed comes again. */
function printed(compose) {
  const { Name } = compose.containers().find(({ Service }) => Service === 'python-example');
  const lines = compose.docker('logs', Name);
  const events = lines.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  return new Map(events.filter(({ id }) => id !== undefined).map((event) => [event.id, event]));
}

/** Ids of events in the order of their customer. */
function byCustomer(events, customerOf) {
  const orders = {};
  for (const event of events) (orders[customerOf(event)] ??= []).push(event.id);
  return orders;
}

export async function python(compose, platform) {
  compose.docker('kill', ...compose.replicas('python-example'));
  const gone = await platform.addCustomer({
    addresses: { home: { line1: '1 Rd', city: 'Hull', country: 'GB' } },
  });
  compose.run('--profile', 'python-example', 'up', '--detach', '--wait', 'python-example');
  await eventually(() => printed(compose).has(gone.eventIds[0]), patience);
  const erasure = await (
    await platform.request('profile', `/v1/customers/${gone.id}`, { method: 'DELETE' })
  ).json();
  await eventually(
    async () => (await platform.get('profile', `/v1/erasures/${erasure.id}`)).status === 'completed',
    patience,
  );
  const entries = await platform.all('audit', '/v1/audit/entries?limit=200');
  const audited = entries.filter(({ source, type }) => source === '/profile' && wanted.has(type));
  const seen = [...printed(compose).values()];
  assert.deepEqual(
    byCustomer(seen, ({ subject }) => subject),
    byCustomer(audited, ({ customerId }) => customerId),
  );
  return `${seen.length.toLocaleString('en')} events, each customer's in order, one erasure confirmed`;
}
