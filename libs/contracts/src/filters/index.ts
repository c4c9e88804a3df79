export { type Explained } from './clause.js';
export * from './event-filter.js';
export type { AttributeReader, FilterableEvent } from './filter-key.js';
export {
  type AdvancedFilter,
  advancedFilterSchema,
  advancedFiltersSchema,
  filterLimits,
} from './filter-schema.js';
export { operatorTypes, type OperatorType } from './operators.js';
export * from './wanted-by.js';
