import { type CustomerEvent, dataSchemaOf, type ErasedData } from '@app/contracts';
import { v7 as uuidv7 } from 'uuid';

/** The last fact of a customer: no personal data, and the erasure that every consumer group is to confirm. */
export function customerErasedEvent(
  { id, version }: { id: string; version: number },
  erasureId: string,
  traceparent: string | undefined,
): CustomerEvent<ErasedData> {
  return {
    id: uuidv7(),
    type: 'CustomerErased',
    source: '/profile',
    subject: id,
    time: new Date().toISOString(),
    dataschema: dataSchemaOf('CustomerErased'),
    customerversion: version + 1,
    ...(traceparent ? { traceparent } : {}),
    data: { changed: [], erasureId },
  };
}
