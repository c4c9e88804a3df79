import { loadEnv } from '@app/service-defaults';
import { z } from 'zod';

const environment = z
  .object({
    /** `Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…`, with `UseDevelopmentEmulator=true` for the local engine. */
    EVENTHUBS_CONNECTION_STRING: z
      .string()
      .regex(/^Endpoint=\w+:\/\/[^/;]/, 'must be an Event Hubs connection string')
      .regex(/;SharedAccessKeyName=[^;]/, 'has no SharedAccessKeyName')
      .regex(/;SharedAccessKey=[^;]/, 'has no SharedAccessKey'),
    /** The hub that carries the customers' events. */
    EVENTHUB_NAME: z.string().default('customer-events'),
  })
  // Azure's connection strings of one hub name it. The client library refuses another, and quotes the key as it does so.
  .refine((env) => [undefined, env.EVENTHUB_NAME].includes(entityPathOf(env.EVENTHUBS_CONNECTION_STRING)), {
    path: ['EVENTHUBS_CONNECTION_STRING'],
    message: 'its EntityPath is another hub than EVENTHUB_NAME',
  });

/** Where the stream is. */
export interface EventHubsSettings {
  connectionString: string;
  eventHubName: string;
}

/** @throws {EnvironmentError} when EVENTHUBS_CONNECTION_STRING is missing, lacks a part, or is another hub's. */
export function eventHubsSettings(): EventHubsSettings {
  const env = loadEnv(environment);
  return { connectionString: env.EVENTHUBS_CONNECTION_STRING, eventHubName: env.EVENTHUB_NAME };
}

function entityPathOf(connectionString: string): string | undefined {
  return /;EntityPath=([^;]+)/.exec(connectionString)?.[1];
}
