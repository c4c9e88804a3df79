import type { AdvancedFilterInput } from '@app/contracts';

export interface Handler {
  app: string;
  group: string;
  types: string[];
  filtered: boolean;
  filters: AdvancedFilterInput[];
  file: string;
}

export function handlersIn(root?: string): Handler[];
export function takersOf(handlers: readonly Handler[], type: string): string[];
