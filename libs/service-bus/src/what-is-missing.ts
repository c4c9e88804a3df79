import { ServiceBusNamespaceError } from './errors.js';
import type { ServiceBusSettings } from './settings.js';

/** What a service wants of a queue. */
export interface WantedOfQueue extends ServiceBusSettings {
  /** The right that its policy must have. */
  right: 'Listen' | 'Send';
}

/**
 * What a namespace lacks, in a line that says what to do; undefined where trying again may help. By the conditions of AMQP
 * that the client library hands on: `amqp:not-found` (1.0 §2.8.15), and `amqp:unauthorized-access` or the 401 of CBS.
 */
export function whatIsMissing(
  error: unknown,
  { connectionString, queue, right }: WantedOfQueue,
): string | undefined {
  const namespace = /Endpoint=\w+:\/\/([^/;:]+)/.exec(connectionString)?.[1] ?? 'the namespace';
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'UnauthorizedAccess')
    return (
      `SERVICEBUS_CONNECTION_STRING does not open the queue ${queue} of ${namespace} for ${right}: its key is wrong or was ` +
      `renewed, or its policy lacks the right. Take the connection string of a policy with ${right}: docs/azure.md`
    );
  if (code !== 'MessagingEntityNotFound') return undefined;
  return (
    `${namespace} has no queue ${queue}: put it into config/servicebus.json and start the engine again; on Azure, ` +
    `az servicebus queue create --name ${queue} …: docs/azure.md`
  );
}

/** The same error, or one that says what the namespace lacks. */
export function sayingWhatIsMissing(error: unknown, wanted: WantedOfQueue): unknown {
  const missing = whatIsMissing(error, wanted);
  return missing === undefined ? error : new ServiceBusNamespaceError(missing, { cause: error });
}
