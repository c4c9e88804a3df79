import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type Random } from '@app/testing';
import { rowsOf } from '../platform/rows.js';
import type { Crew } from './consumer-stage.js';

const cutSql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

export interface CutPlan {
  /** How often PostgreSQL ends every connection of the crew. */
  cuts: number;
  /** Between two, in milliseconds. */
  cutEveryMs: readonly [least: number, most: number];
}

/** PostgreSQL ends every connection of the crew, whatever is being done over it. @returns how many it ended */
export async function cutConnections(crew: Crew, plan: CutPlan, random: Random): Promise<number> {
  let ended = 0;
  for (let n = 0; n < plan.cuts; n++) {
    await delay(random.between(...plan.cutEveryMs));
    // Who has just been killed holds none: a cut that meets nobody is none.
    ended += await eventually(async () => {
      const cut = await rowsOf(crew.sql)(cutSql);
      if (cut.length === 0) throw new Error('nobody is connected');
      return cut.length;
    });
  }
  return ended;
}
