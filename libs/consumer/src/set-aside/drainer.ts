import { Logger } from '@nestjs/common';
import { SparingLog, type StatementRunner } from '@app/event-hubs';
import { Rounds } from '@app/service-defaults';
import type { PauseGate } from '../control/pause-gate.js';
import type { CustomerDrain } from './customer-drain.js';
import { longestPause, type RetryPauses } from './retry-schedule.js';
import { findDue, nextDueMs } from './sql/find-due.js';

/** Another process sets aside and redrives, too, and says nothing to this one. */
const lookEveryMs = 1_000;
const backOff = { baseMs: 250, maxMs: 5_000 };
/** Customers tried at once: each takes a connection. */
const atOnce = 2;
const lookAhead = 50;

/**
 * Tries what was set aside when its time has come. Every replica of a consumer runs one: the customer's row says who
 * has it, so they share the work and none waits for another.
 */
export class Drainer {
  private readonly log = new SparingLog(new Logger('SetAside'));
  private readonly rounds = new Rounds({
    round: (signal) => this.round(signal),
    // The database is away: what is set aside stays there.
    failed: (error) => this.log.warn(`what is set aside waits: ${String(error)}`),
    backOff,
  });

  constructor(
    private readonly database: StatementRunner,
    private readonly customers: Pick<CustomerDrain, 'drain'>,
    private readonly gate: Pick<PauseGate, 'pass'>,
    private readonly pauses: RetryPauses,
  ) {}

  start(): void {
    this.rounds.start();
  }

  /** Something has been set aside, redriven or resumed. */
  wake(): void {
    this.rounds.wake();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async round(signal: AbortSignal): Promise<number> {
    await this.gate.pass(signal);
    return (await this.drainDue(signal)) ? 0 : this.restMs();
  }

  /** Whether anything moved. */
  private async drainDue(signal: AbortSignal): Promise<boolean> {
    const due = await findDue(this.database, lookAhead, longestPause(this.pauses));
    let moved = false;
    const worker = async (): Promise<void> => {
      for (let id = due.shift(); id !== undefined && !signal.aborted; id = due.shift()) {
        if ((await this.customers.drain(id)) !== 'taken') moved = true;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return moved;
  }

  private async restMs(): Promise<number> {
    const due = await nextDueMs(this.database);
    return Math.min(lookEveryMs, Math.max(due ?? lookEveryMs, 10));
  }
}
