// The whole platform, with a PostgreSQL that notes when each transaction was committed.
import { appendFile, readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startPlatform } from '../../import/platform.mjs';
import { end } from '../../processes.mjs';
import { query } from '../stage.mjs';
import { newCustomer } from './writes.mjs';

const PATIENCE_MS = 60_000;
/** Of fetch, a request costs as much as the service that answers it. */
const agent = new http.Agent({ keepAlive: true });

export class BenchPlatform {
  /** Its data lie in the folder. */
  static async start(/** @type {string} */ folder) {
    const first = await startPlatform(folder); // makes the cluster
    await end(first.launcher);
    const settings = path.join(folder, 'data/postgres/postgresql.auto.conf');
    await appendFile(settings, '\ntrack_commit_timestamp = on\n');
    const password = await readFile(path.join(folder, 'data/secrets/postgres-password'), 'utf8');
    return new BenchPlatform(await startPlatform(folder), password.trim());
  }

  constructor({ launcher, env }, password) {
    this.launcher = launcher;
    this.env = env;
    this.password = password;
  }

  end() {
    return end(this.launcher);
  }

  async addCustomer() {
    const customer = newCustomer();
    const response = await this.#request('PROFILE', 'POST', '/v1/customers', customer);
    const { id } = JSON.parse(response.body);
    return { ...customer, id, eventId: response.headers['event-id'] };
  }

  /** A new home address. */
  async move({ accountNumber, ...customer }, /** @type {string} */ line1) {
    const { givenName, familyName, email, addresses } = customer;
    const body = { givenName, familyName, email, addresses: { home: { ...addresses.home, line1 } } };
    await this.#request('PROFILE', 'PUT', `/v1/customers/by-account-number/${accountNumber}`, body);
  }

  /** From now on the search fails for this customer. */
  async poison(/** @type {string} */ customerId) {
    await this.#request('SEARCH_INDEXER', 'POST', '/admin/faults', { customerId });
  }

  /** @throws when it was not poisoned after all */
  async heal(/** @type {string} */ customerId) {
    await this.#request('SEARCH_INDEXER', 'DELETE', '/admin/faults');
    const [{ waiting }] = await this.#search(
      'SELECT count(*)::int AS waiting FROM set_aside_event WHERE customer_id = $1',
      [customerId],
    );
    if (waiting === 0) throw new Error('no event of the poisoned customer was set aside');
  }

  /**
   * Milliseconds from the commit of each customer at profile to that of its effect in the search, by PostgreSQL's own
   * notes of both (track_commit_timestamp): one clock, and nothing is asked of the services meanwhile.
   */
  async commitToEffect(/** @type {Map<string, string>} */ created) {
    const commits = await query(
      this.#url('profile'),
      `SELECT id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS at FROM customer WHERE id = ANY($1)`,
      [[...created.values()]],
    );
    const committed = new Map(commits.map(({ id, at }) => [id, at]));
    const effects = await this.#effects([...created.keys()]);
    return effects.map(({ event_id, at }) => (at - committed.get(created.get(event_id))) * 1000);
  }

  async #effects(eventIds) {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = await this.#search(
        `SELECT event_id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS at
           FROM inbox WHERE event_id = ANY($1::uuid[])`,
        [eventIds],
      );
      if (found.length === eventIds.length) return found;
      if (performance.now() > deadline) {
        throw new Error(`${eventIds.length - found.length} of ${eventIds.length} events had no effect`);
      }
      await pause(100);
    }
  }

  #search(sql, values) {
    return query(this.#url('search_indexer'), sql, values);
  }

  #url(database) {
    const password = encodeURIComponent(this.password);
    return `postgresql://postgres:${password}@127.0.0.1:${this.env.POSTGRES_PORT}/${database}`;
  }

  async #request(service, method, target, body) {
    const text = body && JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.env.TOKEN}`,
      ...(text && { 'content-type': 'application/json' }),
    };
    const options = { agent, method, headers, port: this.env[`${service}_PORT`], path: target };
    const answer = await new Promise((resolve, reject) => {
      const request = http.request(options, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk)).on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          });
        });
      });
      request.on('error', reject).end(text);
    });
    if (answer.status < 300) return answer;
    throw new Error(`${method} ${target} answered ${answer.status}: ${answer.body}`);
  }
}
