import { EventFilter } from '@app/contracts';
import { attributeReader, type GridEvent } from './event.js';
import type { SubscriptionFilterProperties } from './subscription.js';

/** What came of one clause of a subscription's filter. */
export interface ExplainedClause {
  /** A JSON pointer into `filter`, such as `/advancedFilters/0`. */
  clause: string;
  matched: boolean;
  /** What the event has there; of personal data the type alone. */
  found: string;
  operatorType?: string;
  key?: string;
}

/** The filter of one subscription: types, subject and advanced filters must all match, as Event Grid has it. */
export class SubscriptionFilter {
  private readonly types: ReadonlySet<string> | undefined;
  private readonly advanced: EventFilter;

  /** @throws {FilterError} */
  constructor(private readonly properties: SubscriptionFilterProperties) {
    const { includedEventTypes, advancedFilters, enableAdvancedFilteringOnArrays } = properties;
    this.types = includedEventTypes && new Set(includedEventTypes.map((type) => type.toLowerCase()));
    this.advanced = EventFilter.compile(advancedFilters, { arrays: enableAdvancedFilteringOnArrays });
  }

  /** Whether a key leads into `data.personal`, which must be opened to tell. */
  get needsOpened(): boolean {
    return this.advanced.needsOpened;
  }

  /** In lower case; undefined takes all. */
  get typesTaken(): ReadonlySet<string> | undefined {
    return this.types;
  }

  /** All but the keys below `data.personal`. */
  matchesSealed(event: GridEvent): boolean {
    return (
      this.matchesType(event) &&
      this.matchesBeginning(event) &&
      this.matchesEnd(event) &&
      this.advanced.matchesAttributes(attributeReader(event)) &&
      this.advanced.matchesData(event.data)
    );
  }

  /** The keys below `data.personal`. @param data opened */
  matchesPersonal(data: unknown): boolean {
    return this.advanced.matchesPersonal(data);
  }

  /** @param event opened where a key leads into `data.personal` */
  explain(event: GridEvent): { matched: boolean; clauses: ExplainedClause[] } {
    const { includedEventTypes, subjectBeginsWith, subjectEndsWith } = this.properties;
    const subject = JSON.stringify(event.attributes.subject ?? null);
    const clauses: ExplainedClause[] = [];
    if (includedEventTypes) {
      const found = JSON.stringify(event.attributes.type);
      clauses.push({ clause: '/includedEventTypes', matched: this.matchesType(event), found });
    }
    if (subjectBeginsWith !== '') {
      clauses.push({ clause: '/subjectBeginsWith', matched: this.matchesBeginning(event), found: subject });
    }
    if (subjectEndsWith !== '') {
      clauses.push({ clause: '/subjectEndsWith', matched: this.matchesEnd(event), found: subject });
    }
    const { filters } = this.advanced.explain({ attribute: attributeReader(event), data: event.data });
    clauses.push(
      ...filters.map((filter, index) => Object.assign({ clause: `/advancedFilters/${index}` }, filter)),
    );
    return { matched: clauses.every(({ matched }) => matched), clauses };
  }

  private matchesType({ attributes }: GridEvent): boolean {
    return this.types === undefined || this.types.has(attributes.type.toLowerCase());
  }

  private matchesBeginning({ attributes }: GridEvent): boolean {
    return this.inCase(attributes.subject).startsWith(this.inCase(this.properties.subjectBeginsWith));
  }

  private matchesEnd({ attributes }: GridEvent): boolean {
    return this.inCase(attributes.subject).endsWith(this.inCase(this.properties.subjectEndsWith));
  }

  private inCase(text = ''): string {
    return this.properties.isSubjectCaseSensitive ? text : text.toLowerCase();
  }
}
