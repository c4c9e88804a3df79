import { backOffMs, pause } from '@app/service-defaults';

const backOff = { baseMs: 500, maxMs: 30_000 };

/**
 * Lets commands through, or has them wait while something that all of them need is away.
 *
 *   open ──shut(cause)──▶ shut, longer each time ──its time is over──▶ trying ──succeeded()──▶ open
 *                           ▲─────────────────────────────shut(cause)──┘
 */
export class CommandGate {
  private failures = 0;
  private shutUntil: Promise<void> | undefined;

  constructor(
    private readonly closing: AbortSignal,
    private readonly told: { paused(cause: unknown): void; resumed(): void },
  ) {}

  get isOpen(): boolean {
    return this.failures === 0;
  }

  /** Resolves when a command may be tried; at once when the process ends. */
  async pass(): Promise<void> {
    while (this.shutUntil && !this.closing.aborted) await this.shutUntil;
  }

  /** Several commands run into the same trouble at once: it counts as one. */
  shut(cause: unknown): void {
    if (this.shutUntil) return;
    if (this.failures === 0) this.told.paused(cause);
    this.shutUntil = this.stayShut(backOffMs(this.failures++, backOff));
  }

  succeeded(): void {
    if (this.failures === 0 || this.shutUntil) return;
    this.failures = 0;
    this.told.resumed();
  }

  private async stayShut(ms: number): Promise<void> {
    await pause(ms, this.closing);
    this.shutUntil = undefined;
  }
}
