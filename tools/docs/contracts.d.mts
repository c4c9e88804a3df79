import type { Handler } from './handlers.mjs';

export const publishedFolder: string;
export function brokenPromises(
  handlers: readonly Handler[],
  folder?: string,
  schemas?: readonly Record<string, unknown>[],
): string[];
