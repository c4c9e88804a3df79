/** Runs a statement. */
type Run = (sql: string, values: unknown[]) => Promise<unknown>;

export const consumerSabotages: Readonly<
  Record<string, (run: Run, sql: string, values: unknown[], elsewhere: Run) => Promise<unknown>>
>;
