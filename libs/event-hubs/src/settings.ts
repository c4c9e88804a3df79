import { loadEnv } from '@app/service-defaults';
import { z } from 'zod';

const environment = z.object({
  /** `Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…`, with `UseDevelopmentEmulator=true` for the local engine. */
  EVENTHUBS_CONNECTION_STRING: z.string().startsWith('Endpoint=', 'must be an Event Hubs connection string'),
  /** The hub that carries the customers' events. */
  EVENTHUB_NAME: z.string().default('customer-events'),
});

/** Where the stream is. */
export interface EventHubsSettings {
  connectionString: string;
  eventHubName: string;
}

/** @throws {EnvironmentError} when EVENTHUBS_CONNECTION_STRING is missing or no connection string. */
export function eventHubsSettings(): EventHubsSettings {
  const env = loadEnv(environment);
  return { connectionString: env.EVENTHUBS_CONNECTION_STRING, eventHubName: env.EVENTHUB_NAME };
}
