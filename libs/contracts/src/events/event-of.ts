import type { CustomerEvent, ErasedData, OpenedData } from './cloud-event.js';
import type { EventType } from './event-types.js';
import type { MergeMembers } from './merge-data.js';

/** `data` of a type as a handler sees it. */
export type DataOf<Type extends EventType> = Type extends 'CustomerErased'
  ? ErasedData & { personal: null; erased: true }
  : Type extends 'CustomersMerged' | 'CustomersUnmerged'
    ? OpenedData & MergeMembers
    : OpenedData;

/**
 * An event of the platform as a handler of these types gets it; of several, `type` tells them apart:
 *
 *     handle(@Payload() event: EventOf<'CustomerAdded' | 'AddressChanged'>)
 */
export type EventOf<Types extends EventType = EventType> = {
  [Type in Types]: CustomerEvent<DataOf<Type>> & { type: Type; subject: string; customerversion: number };
}[Types];
