import { loadEnv } from '@app/service-defaults';
import { z } from 'zod';

const environment = z.object({
  /** `Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…`, with `UseDevelopmentEmulator=true` for the local engine. */
  SERVICEBUS_CONNECTION_STRING: z
    .string()
    .regex(/^Endpoint=\w+:\/\/[^/;]/, 'must be a Service Bus connection string')
    .regex(/;SharedAccessKeyName=[^;]/, 'has no SharedAccessKeyName')
    .regex(/;SharedAccessKey=[^;]/, 'has no SharedAccessKey'),
});

/** Where a queue is. */
export interface ServiceBusSettings {
  connectionString: string;
  queue: string;
}

/** @throws {EnvironmentError} when SERVICEBUS_CONNECTION_STRING is missing or lacks a part. */
export function serviceBusSettings(queue: string): ServiceBusSettings {
  return { connectionString: loadEnv(environment).SERVICEBUS_CONNECTION_STRING, queue };
}
