import type { z } from 'zod';
import { type Clause, clauseOf, type Explained } from './clause.js';
import type { AttributeReader, FilterableEvent } from './filter-key.js';
import { advancedFiltersSchema } from './filter-schema.js';
import type { OperatorType } from './operators.js';

/** A filter as somebody writes it: `value` for the operators that take one, `values` for the others. */
export interface AdvancedFilterInput {
  operatorType: OperatorType;
  key: string;
  value?: unknown;
  values?: readonly unknown[];
}

export interface Explanation {
  matched: boolean;
  /** One a filter, in their order. */
  filters: Explained[];
}

/** Filters that are wrong: `errors` names each place by a JSON pointer (RFC 6901) into the list. */
export class FilterError extends Error {
  readonly code = 'WRONG_FILTER';

  constructor(readonly errors: readonly { pointer: string; detail: string }[]) {
    super(errors.map(({ pointer, detail }) => `${pointer || '/'} ${detail}`).join('; '));
  }
}

/**
 * Advanced filters as Event Grid evaluates them: all of them must match, of the values of one any will do. Strings compare
 * in any case. The parts can be asked one by one, each as soon as what it looks at is at hand.
 */
export class EventFilter {
  private readonly onAttributes: readonly Clause[];
  private readonly onData: readonly Clause[];
  private readonly onPersonal: readonly Clause[];

  private constructor(private readonly clauses: readonly Clause[]) {
    this.onAttributes = clauses.filter(({ key }) => key.from === 'attributes');
    this.onData = clauses.filter(({ key }) => key.from === 'data');
    this.onPersonal = clauses.filter(({ key }) => key.from === 'personal');
  }

  /**
   * @param arrays whether the elements of an array are compared (Event Grid's `enableAdvancedFilteringOnArrays`); else
   * an array is a value of a type that no operator compares. @throws {FilterError}
   */
  static compile(filters: readonly AdvancedFilterInput[], { arrays = true } = {}): EventFilter {
    const { success, data, error } = advancedFiltersSchema.safeParse(filters);
    if (!success) throw new FilterError(error.issues.map(placed));
    return new EventFilter(data.map((filter) => clauseOf(filter, arrays)));
  }

  /** Whether a key leads into `data.personal`. */
  get needsOpened(): boolean {
    return this.onPersonal.length > 0;
  }

  matchesAttributes(attribute: AttributeReader): boolean {
    return this.onAttributes.every(({ key, matches }) =>
      matches(attribute((key as { name: string }).name), true),
    );
  }

  /** The keys below `data` that do not lead into `data.personal`. */
  matchesData(data: unknown): boolean {
    return this.onData.every((clause) => clause.matchesBelow(data));
  }

  /** The keys below `data.personal`. @param data opened */
  matchesPersonal(data: unknown): boolean {
    return this.onPersonal.every((clause) => clause.matchesBelow(data));
  }

  matches({ attribute, data }: FilterableEvent): boolean {
    return this.matchesAttributes(attribute) && this.matchesData(data) && this.matchesPersonal(data);
  }

  /** Which filter matched and which did not, and why; values of `data.personal` are not repeated. */
  explain(event: FilterableEvent): Explanation {
    const filters = this.clauses.map((clause) => clause.explain(event));
    return { matched: filters.every(({ matched }) => matched), filters };
  }
}

function placed({ path, message }: z.core.$ZodIssue): { pointer: string; detail: string } {
  const segments = path.map((segment) => String(segment).replaceAll('~', '~0').replaceAll('/', '~1'));
  return { pointer: segments.map((segment) => `/${segment}`).join(''), detail: message };
}
