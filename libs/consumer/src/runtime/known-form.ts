import {
  type EventAttributes,
  isEventType,
  openedDataMisfit,
  profileSource,
  unknownDataSchema,
  upcastData,
} from '@app/contracts';

type Attributes = Pick<EventAttributes, 'type' | 'source' | 'dataschema'>;

/**
 * Why an event is of a version that the code here does not know; undefined when it is, or does not say. Of the
 * platform's own events the form is known; of anybody else's it is their handler's affair.
 */
export function unknownVersionOf({ type, source, dataschema }: Attributes): string | undefined {
  if (!isEventType(type) || source !== profileSource) return undefined;
  return unknownDataSchema(type, dataschema);
}

/** Why opened data is not what the schema says, without any of its values. */
export function misfitOf({ type, source }: Attributes, opened: unknown): string | undefined {
  const misfit = source === profileSource && isEventType(type) ? openedDataMisfit(opened) : undefined;
  return misfit && `data does not match its schema: ${misfit}`;
}

/** Opened data of an earlier version as the latest has it: handlers know one form. */
export function upcastOf({ type, source, dataschema }: Attributes, opened: unknown): unknown {
  return source === profileSource && isEventType(type) ? upcastData(type, dataschema, opened) : opened;
}
