import { NamespaceError } from '../errors.js';
import type { EventHubsSettings } from '../settings.js';

/** What a service wants of a namespace. */
export interface Wanted extends EventHubsSettings {
  /** Of a reader. */
  consumerGroup?: string;
  /** The right that its policy must have. */
  right: 'Listen' | 'Send';
}

/**
 * What a namespace lacks, in a line that says what to do; undefined where trying again may help. By the conditions of AMQP
 * that the client library hands on: `amqp:not-found` (1.0 §2.8.15), and `amqp:unauthorized-access` or the 401 of CBS.
 *
 * @param of what was reached for: to a reader a hub that is there may have no such group
 */
export function whatIsMissing(error: unknown, wanted: Wanted, of: 'hub' | 'group'): string | undefined {
  const { eventHubName: hub, consumerGroup: group, right } = wanted;
  const namespace = /Endpoint=\w+:\/\/([^/;:]+)/.exec(wanted.connectionString)?.[1] ?? 'the namespace';
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'UnauthorizedError')
    return (
      `EVENTHUBS_CONNECTION_STRING does not open ${namespace} for ${right}: its key is wrong or was renewed, or its ` +
      `policy lacks the right. Take the connection string of a policy with ${right}: docs/azure.md`
    );
  if (code !== 'MessagingEntityNotFoundError') return undefined;
  if (of === 'group' && group !== undefined)
    return (
      `the hub ${hub} has no consumer group ${group}: put it into config/eventhubs.json and start the engine again; on ` +
      `Azure, az eventhubs eventhub consumer-group create --eventhub-name ${hub} --name ${group} …: docs/azure.md`
    );
  return (
    `${namespace} has no event hub ${hub}: put it into config/eventhubs.json and start the engine again, or set ` +
    `EVENTHUB_NAME; on Azure, az eventhubs eventhub create --name ${hub} …: docs/azure.md`
  );
}

/** The same error, or one that says what the namespace lacks. */
export function sayingWhatIsMissing(error: unknown, wanted: Wanted): unknown {
  const missing = whatIsMissing(error, wanted, 'hub');
  return missing === undefined ? error : new NamespaceError(missing, { cause: error });
}
