// The composed platform as its clients see it.
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { platformServices, RunningPlatform } from '@app/testing';

const root = path.join(import.meta.dirname, '../..');
const header = 'account_number,first_name,last_name,email,address_line1,city,country\n';

class ComposedPlatform extends RunningPlatform {
  constructor(compose, urls, token) {
    super(urls, token);
    this.compose = compose;
    const named = Object.entries(urls).map(([name, url]) => [
      `${name.toUpperCase().replaceAll('-', '_')}_URL`,
      url,
    ]);
    this.env = { ...compose.env, ...Object.fromEntries(named), TOKEN: token };
  }

  async scenarios() {
    const args = ['test/scenarios/run.mjs', '--url', this.url('profile')];
    try {
      const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, env: this.env });
      return /Tests: +(.*)/.exec(stderr)?.[1];
    } catch (error) {
      throw new Error(`${error.stdout}${error.stderr}`, { cause: error });
    }
  }

  /** As many customers, all of them in one city: new ones at the first time, who move later on. */
  async import(customers, city) {
    const rows = Array.from({ length: customers }, (_, n) => {
      return `C${n},Given${n},Composed,c${n}@example.org,${n} High St,${city},GB\n`;
    });
    const file = path.join(path.dirname(this.compose.log), `${city}.csv`);
    writeFileSync(file, header + rows.join(''));
    await promisify(execFile)(process.execPath, ['apps/profile/dist/cli/import.js', file], {
      cwd: root,
      env: this.env,
    });
  }

  /** The ids and versions of who is found to live in a city. */
  async foundIn(city) {
    const everybody = await this.all('search-indexer', '/v1/search/customers?limit=200');
    const there = everybody.filter(({ addresses }) => addresses.home?.city === city);
    return new Map(there.map(({ id, version }) => [id, version]));
  }

  /** Events that search-indexer has not taken yet. */
  async lag() {
    const { partitions } = await this.get('search-indexer', '/admin/consumer');
    return partitions.reduce((sum, { lagEvents }) => sum + lagEvents, 0);
  }
}

export function platformOf(compose) {
  const portOf = (service) => compose.port(service === 'mailbox' ? 'mailbox-http' : service);
  const urls = Object.fromEntries(platformServices.map((name) => [name, `http://127.0.0.1:${portOf(name)}`]));
  const token = execFileSync(process.execPath, ['apps/local/dist/token.js'], {
    cwd: root,
    env: compose.env,
    encoding: 'utf8',
  });
  return new ComposedPlatform(compose, urls, token.trim());
}
