import type { EventAttributes } from '@app/contracts';

/** CloudEvents context attributes, extensions of strangers included. */
export type GridAttributes = EventAttributes & Readonly<Record<string, unknown>>;

/** An event as it was taken: from the stream, personal data sealed, or from a publisher. */
export interface GridEvent {
  attributes: GridAttributes;
  /** Parsed JSON; undefined where the event has none. */
  data: unknown;
}

/** JSON has no undefined: an event without data is told from one whose data is null. */
export const attributeReader =
  ({ attributes }: Pick<GridEvent, 'attributes'>) =>
  (name: string): unknown =>
    name === 'specversion' ? '1.0' : Object.hasOwn(attributes, name) ? attributes[name] : undefined;
