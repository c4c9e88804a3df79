import type { RawEvent } from '../ctx-host/raw-event.js';
import { EventFailedError } from '../runtime/errors.js';

/** Thrown in a handler's place. */
export class InjectedFaultError extends Error {
  readonly code = 'INJECTED_FAULT';

  constructor() {
    super('a fault was injected for this customer');
  }
}

export interface Fault {
  customerId: string;
  /** Failures still to come; null until it is taken back. */
  timesLeft: number | null;
}

/** More customers than anybody tests with. */
const mostFaults = 10_000;

/** Faults on demand, of this process: its handlers fail for the customers that somebody named. */
export class Faults {
  private readonly left = new Map<string, number>();

  /** @param on whether this platform lets faults be injected */
  constructor(readonly on: boolean) {}

  /** @param times failures, without end unless told. Answers false when too many faults are set. */
  set(customerId: string, times = Infinity): boolean {
    if (this.left.size >= mostFaults && !this.left.has(customerId)) return false;
    this.left.set(customerId, times);
    return true;
  }

  clear(): void {
    this.left.clear();
  }

  list(): Fault[] {
    return [...this.left].map(([customerId, times]) => ({
      customerId,
      timesLeft: Number.isFinite(times) ? times : null,
    }));
  }

  /** Called before a handler. @throws {EventFailedError} for the first event whose customer has a fault. */
  strike(events: readonly RawEvent[]): void {
    if (this.left.size === 0) return;
    for (const { attributes } of events) {
      const { id, subject = '' } = attributes;
      const times = this.left.get(subject);
      if (times === undefined) continue;
      if (times > 1) this.left.set(subject, times - 1);
      else this.left.delete(subject);
      throw new EventFailedError(id, new InjectedFaultError());
    }
  }
}
