import '@app/service-defaults/closed-links';
import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusSettings } from './settings.js';

/**
 * One attempt an operation: the client library's own retries (three, 30 s apart) would hide an engine that is away for
 * minutes. Whoever calls pauses and tries again; a receiver that lost its link looks for it this often.
 */
const retryOptions = { maxRetries: 0, timeoutInMs: 10_000, retryDelayInMs: 500 };

export function connect({
  connectionString,
}: Pick<ServiceBusSettings, 'connectionString'>): ServiceBusClient {
  return new ServiceBusClient(connectionString, { retryOptions });
}
