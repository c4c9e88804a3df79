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

/** No event is pushed before the handshake is done. */
export const provisioningStates = [
  /** No handler has ever agreed: what happens meanwhile is not for it. */
  'Creating',
  /** Another handler has yet to agree: what happens meanwhile waits for it. */
  'Updating',
  'Succeeded',
  'Failed',
] as const;
export type ProvisioningState = (typeof provisioningStates)[number];

/** Whether a handler has to say yet that it agrees. */
export const awaitsHandshake = (state: ProvisioningState): boolean =>
  state === 'Creating' || state === 'Updating';

/** Whether deliveries are written for a subscription. */
export const takesEvents = (state: ProvisioningState): boolean =>
  state === 'Succeeded' || state === 'Updating';
