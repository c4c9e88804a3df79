import type { AdvancedFilterInput } from '@app/contracts';

/** Azure's names of the two forms in which an event is pushed. */
export const deliverySchemas = ['CloudEventSchemaV1_0', 'EventGridSchema'] as const;
export type DeliverySchema = (typeof deliverySchemas)[number];

/**
 * What becomes of `data.personal`: `sealed` as on the stream (handlers that may, fetch the key), `omitted`, or `opened`,
 * which only a person may ask for who may read personal data.
 */
export const personalDataChoices = ['sealed', 'omitted', 'opened'] as const;
export type PersonalDataChoice = (typeof personalDataChoices)[number];

export interface SubscriptionFilterProperties {
  /** All types where it is absent. */
  includedEventTypes?: string[] | undefined;
  subjectBeginsWith: string;
  subjectEndsWith: string;
  isSubjectCaseSensitive: boolean;
  enableAdvancedFilteringOnArrays: boolean;
  advancedFilters: AdvancedFilterInput[];
}

export interface RetryPolicy {
  /** 1 to 30. */
  maxDeliveryAttempts: number;
  /** 1 to 1440. */
  eventTimeToLiveInMinutes: number;
  /** Whether an answer of 403 is tried again. */
  retryForbidden: boolean;
}

/** A header that goes out with every delivery. */
export interface StaticHeader {
  name: string;
  value: string;
  /** Its value is never answered again. */
  isSecret: boolean;
}

/** Azure's EventSubscriptionProperties, as far as the platform has them, and `personalData`. */
export interface SubscriptionProperties {
  endpointUrl: string;
  headers: StaticHeader[];
  filter: SubscriptionFilterProperties;
  eventDeliverySchema: DeliverySchema;
  retryPolicy: RetryPolicy;
  personalData: PersonalDataChoice;
}

/** `Creating` until the handshake is done; no event is pushed before. */
export type ProvisioningState = 'Creating' | 'Succeeded' | 'Failed';
