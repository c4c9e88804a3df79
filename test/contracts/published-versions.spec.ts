import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allJsonSchemas } from '@app/contracts';
import { workspaceRoot } from '@app/testing';
import { brokenPromises, publishedFolder } from '../../tools/docs/contracts.mjs';
import { handlersIn, takersOf } from '../../tools/docs/handlers.mjs';
import { additive, breaking, schemasWith } from './variants.js';

const published = join(workspaceRoot, publishedFolder);
const handlers = handlersIn(workspaceRoot);

describe('a published version', () => {
  it('is what the code says, and every consumer that takes it is known from the code', () => {
    expect(brokenPromises(handlers, published)).toEqual([]);
    expect(takersOf(handlers, 'AddressChanged')).toEqual(
      expect.arrayContaining(['address-notifications', 'audit', 'search-indexer']),
    );
    expect(takersOf(handlers, 'ConsentChanged')).toContain('audit');
    expect(takersOf(handlers, 'ConsentChanged')).not.toContain('search-indexer');
  });

  it.each(breaking)('is broken by who %s: %s, and all who take it are named', (_, field, data) => {
    const broken = brokenPromises(handlers, published, schemasWith(data));
    const named = broken.filter((line) => line.startsWith(`AddressChanged v1.opened: data.${field} `));
    expect(named).toHaveLength(1);
    for (const taker of takersOf(handlers, 'AddressChanged')) expect(named[0]).toContain(taker);
    expect(broken.filter((line) => !line.startsWith('AddressChanged v1.opened'))).toEqual([]);
  });

  it.each(additive)('takes %s', (_, data) => {
    expect(brokenPromises(handlers, published, schemasWith(data))).toEqual([]);
  });

  it('takes a version beside it, and misses one that is gone', () => {
    const schemas = allJsonSchemas();
    const next = { $id: '/schemas/AddressChanged/v2.json', type: 'object' };
    expect(brokenPromises(handlers, published, [...schemas, next])).toEqual([]);
    const without = schemas.filter(({ $id }) => $id !== '/schemas/ConsentChanged/v1.json');
    const takers = takersOf(handlers, 'ConsentChanged');
    expect(brokenPromises(handlers, published, without)).toEqual([
      `ConsentChanged v1: data is published no more (taken by ${takers.join(', ')})`,
    ]);
  });

  it('is what npm run check holds the code against', () => {
    const folder = mkdtempSync(join(tmpdir(), 'published-'));
    try {
      cpSync(published, folder, { recursive: true });
      const file = join(folder, 'AddressChanged/v1.json');
      const schema = JSON.parse(readFileSync(file, 'utf8')) as { properties: object; required: string[] };
      Object.assign(schema.properties, { reason: { type: 'string' } });
      writeFileSync(file, JSON.stringify(schema));
      const check = spawnSync(process.execPath, ['tools/check-contracts.mjs', folder], {
        cwd: workspaceRoot,
        encoding: 'utf8',
      });
      expect(check.status).toBe(1);
      expect(check.stderr).toMatch(/AddressChanged v1: data\.reason is gone \(taken by .*search-indexer/);
      expect(check.stderr).toContain('docs/contracts.md');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
