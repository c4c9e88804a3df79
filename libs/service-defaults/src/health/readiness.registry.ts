import { Injectable } from '@nestjs/common';

export type ReadinessCheck = () => Promise<void> | void;

export interface Readiness {
  ready: boolean;
  /** "ok", or why not. */
  checks: Record<string, string>;
}

/** Parts of a service register what they need to be of use; a check throws while it is not there. */
@Injectable()
export class ReadinessRegistry {
  private readonly checks = new Map<string, ReadinessCheck>();

  register(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  async look(): Promise<Readiness> {
    const found = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await outcome(check)] as const),
    );
    return { ready: found.every(([, result]) => result === 'ok'), checks: Object.fromEntries(found) };
  }
}

async function outcome(check: ReadinessCheck): Promise<string> {
  try {
    await check();
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
