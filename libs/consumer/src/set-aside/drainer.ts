import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { backOffMs, pause, SparingLog, type StatementRunner } from '@app/event-hubs';
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
 *
 *   idle ──due, woken, a second gone──▶ draining ──nothing due──▶ idle ──stop()──▶ stopped
 */
export class Drainer {
  private readonly logger = new Logger('SetAside');
  private readonly log = new SparingLog(this.logger);
  private readonly stopping = new AbortController();
  private bell = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: StatementRunner,
    private readonly customers: Pick<CustomerDrain, 'drain'>,
    private readonly gate: Pick<PauseGate, 'pass'>,
    private readonly pauses: RetryPauses,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Something has been set aside, redriven or resumed. */
  wake(): void {
    this.bell.abort();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      this.bell = new AbortController();
      try {
        await this.gate.pass(signal);
        const moved = await this.round();
        failures = 0;
        if (!moved) await this.idle();
      } catch (error) {
        if (signal.aborted) return;
        // The database is away: what is set aside stays there.
        this.log.warn(`what is set aside waits: ${String(error)}`);
        await pause(backOffMs(failures++, backOff), signal);
      }
    }
  }

  /** Whether anything moved. */
  private async round(): Promise<boolean> {
    const due = await findDue(this.database, lookAhead, longestPause(this.pauses));
    let moved = false;
    const worker = async (): Promise<void> => {
      for (let id = due.shift(); id !== undefined && !this.stopping.signal.aborted; id = due.shift()) {
        if ((await this.customers.drain(id)) !== 'taken') moved = true;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return moved;
  }

  private async idle(): Promise<void> {
    const due = await nextDueMs(this.database);
    const ms = Math.min(lookEveryMs, Math.max(due ?? lookEveryMs, 10));
    await delay(ms, undefined, { signal: this.bell.signal }).catch((error: unknown) => {
      if (!this.bell.signal.aborted) throw error;
    });
  }
}
