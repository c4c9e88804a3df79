import { composition } from './composition.js';
import type { Secrets } from './secrets/make-secrets.js';
import { databaseOf, services } from './services.js';
import { portTable, readSettings } from './settings.js';
import { isNews } from './supervisor/postgres.js';
import { welcome } from './terminal/welcome.js';

const secrets: Secrets = {
  postgresPassword: 'p',
  brokerSasKey: 'k',
  auditHeadsKey: '{}',
  clients: Object.fromEntries(services.map(({ name }) => [name, `secret of ${name}`])),
  databases: Object.fromEntries(
    services.map((service) => [databaseOf(service) ?? '', `password of ${service.name}`]),
  ),
};

describe('the composition', () => {
  const parts = composition(readSettings({}), secrets);

  it('starts from what needs nothing, and leaves no service out', () => {
    const names = parts.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([...services.map(({ name }) => name), 'postgres', 'broker', 'mailbox']),
    );
    const known = new Set<string>();
    for (const { name, needs } of parts) {
      expect([name, ...needs.filter((need) => !known.has(need))]).toEqual([name]);
      known.add(name);
    }
  });

  it('stops within ten seconds, however long a chain of needs is', () => {
    const within = (name: string): number => {
      const users = parts
        .filter(({ needs, uses = [] }) => [...needs, ...uses].includes(name))
        .map((user) => within(user.name));
      return Math.max(0, ...users) + (parts.find((part) => part.name === name)?.stopWithinMs ?? 0);
    };
    expect(Math.max(...parts.map(({ name }) => within(name)))).toBeLessThanOrEqual(10_000);
  });
});

describe('what stands on the terminal', () => {
  it('names every service, and the ports in effect', () => {
    const text = welcome(readSettings({ PROFILE_PORT: '4000' }), '/');
    for (const { name } of services) expect(text).toContain(`  ${name} `);
    expect(text).toContain('http://127.0.0.1:4000/v1/customers/by-account-number/DEMO-1');
    expect(text).toContain(
      `http://127.0.0.1:${portTable.SEARCH_INDEXER_PORT.standard}/v1/search/customers?q=yanes`,
    );
  });

  it('asks for a token of the data folder in effect', () => {
    expect(welcome(readSettings({ DATA_DIR: '/elsewhere' }), '/')).toContain(
      `$(DATA_DIR='/elsewhere' npm run -s token)`,
    );
  });

  it.each([
    ['LOG:  database system is ready to accept connections', true],
    ['LOG:  redo starts at 0/174B660', false],
    ['FATAL:  the database system is starting up', false],
    ['PANIC:  could not write to file', true],
  ])('of the log of PostgreSQL: %s', (line, news) => expect(isNews(line)).toBe(news));
});
