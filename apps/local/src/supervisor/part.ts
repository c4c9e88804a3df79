/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A part of the platform that runs. */
export interface Running {
  pid: number;
  exited: Promise<Exit>;
  /** Ends it in order, by force when that takes longer than `withinMs`. */
  stop(withinMs: number): Promise<void>;
  /** Ends it now. */
  kill(): void;
}

/** What a part tells while it starts and runs. */
export interface Reporter {
  /** A line it printed. */
  line(text: string): void;
  /** The process exists, ready or not. */
  spawned(running: Running): void;
}

/** One part of the platform: what it needs before it can start, and how to start it. */
export interface Part {
  name: string;
  /** Parts that must be ready before this one starts, and that stop after it. */
  needs: readonly string[];
  /** Parts that it can start without, but that stop after it all the same. */
  uses?: readonly string[];
  /** A task is done when it has ended with code 0; a service stays, and is started again when it ends. */
  kind: 'service' | 'task';
  /** How much of the ten seconds of a shutdown it may use. */
  stopWithinMs: number;
  /** Resolves when the part is ready (a task: done); rejects when it ended before. */
  start(report: Reporter): Promise<void>;
}

export function describeExit({ code, signal }: Exit): string {
  return signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
}
