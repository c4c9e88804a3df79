import type { Rebuild } from '@app/consumer';
import type { EntityManager } from 'typeorm';
import { tablesOf } from './view.js';

const live = Object.values(tablesOf('live'));
const next = Object.values(tablesOf('next'));

/** The view is made anew in tables beside it, which take its place between two queries. */
export const searchRebuild: Rebuild = {
  async begin(manager: EntityManager): Promise<void> {
    await manager.query(`DROP TABLE IF EXISTS ${next.join(', ')}`);
    for (const [index, table] of live.entries()) {
      await manager.query(`CREATE TABLE ${next[index]} (LIKE ${table} INCLUDING ALL)`);
    }
  },

  async finish(manager: EntityManager): Promise<void> {
    // Searches that are under way end first; those that come wait for the commit, and find the new tables by name.
    await manager.query(`LOCK TABLE ${live.join(', ')} IN ACCESS EXCLUSIVE MODE`);
    await manager.query(`DROP TABLE ${live.join(', ')}`);
    for (const [index, table] of live.entries()) {
      await manager.query(`ALTER TABLE ${next[index]} RENAME TO ${table}`);
    }
  },
};
