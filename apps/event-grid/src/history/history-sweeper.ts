import { SparingLog } from '@app/service-defaults';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../clock/clock.js';
import { type EventGridSettings, SETTINGS } from '../environment.js';
import type { Sql } from '../sql.js';

const everyMs = 60_000;
const most = 5_000;

/** Forgets what was delivered long ago, and events that no delivery is left of. Dead letters stay until somebody acts. */
@Injectable()
export class HistorySweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new SparingLog(new Logger('HistorySweeper'));
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(SETTINGS) private readonly settings: EventGridSettings,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweeping ??= this.sweep()
        .catch((error: unknown) => this.log.warn(`the history is swept later: ${String(error)}`))
        .finally(() => (this.sweeping = undefined));
    }, everyMs);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  async sweep(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - this.settings.historyMs);
    while ((await forgetDelivered(this.database, before)) === most);
    while ((await forgetEvents(this.database)) === most);
  }
}

async function forgetDelivered(sql: Sql, before: Date): Promise<number> {
  const [, count] = await sql.query<[unknown, number]>(
    `DELETE FROM delivery WHERE id IN
       (SELECT id FROM delivery WHERE state = 'delivered' AND settled_at < $1 LIMIT ${most} FOR UPDATE SKIP LOCKED)`,
    [before],
  );
  return count;
}

/** An event is written in the transaction of its deliveries: one that has none will have none. */
async function forgetEvents(sql: Sql): Promise<number> {
  const [, count] = await sql.query<[unknown, number]>(
    `DELETE FROM grid_event WHERE id IN
       (SELECT id FROM grid_event e WHERE NOT EXISTS (SELECT FROM delivery d WHERE d.event_key = e.id)
         LIMIT ${most} FOR UPDATE SKIP LOCKED)`,
  );
  return count;
}
