import type { Filter, FilterableMessage } from './filter.js';

/** All that the filter names must be there and equal, case included; a filter that names nothing matches everything. */
export function correlates(
  { system, properties }: Extract<Filter, { kind: 'correlation' }>,
  message: FilterableMessage,
): boolean {
  const { application } = message;
  return (
    Object.entries(system).every(([name, value]) => message.system[name] === value) &&
    Object.entries(properties).every(
      ([name, value]) => Object.hasOwn(application, name) && application[name] === value,
    )
  );
}
