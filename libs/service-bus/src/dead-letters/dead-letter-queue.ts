import { within } from '@app/service-defaults';
import type {
  ServiceBusClient,
  ServiceBusMessage,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from '@azure/service-bus';
import Long from 'long';
import { connect } from '../connect.js';
import type { ServiceBusSettings } from '../settings.js';
import { type DeadLetterDto, deadLetterDto, type DeadLetterFilter, isMeant } from './dead-letter.js';

const receivedAtOnce = 100;
/** Dead letters that one call looks at: those it leaves are locked meanwhile. */
export const mostLookedAt = 2_000;
/** As long as the engine may take to hand over the next ones; it has none when they have not come by then. */
const nextWithinMs = 2_000;

/** Application properties that only a dead letter has. */
const deadLetterProperties = new Set(['DeadLetterReason', 'DeadLetterErrorDescription']);
/** Names the command that a redriven one was before. */
const redrivenFrom = 'redriven-from';

/** Which command a dead letter was when it was first sent, and why nobody could do it. */
export interface DeadCommand {
  commandId: string;
  reason: string;
}

export interface Taken {
  /** Those that were meant, and are done with. */
  taken: DeadLetterDto[];
  /** Whether there may be more, beyond those that one call looks at. */
  more: boolean;
}

/** Commands that nobody could do: looked at, sent to their queue again, or given up. */
export class DeadLetterQueue {
  constructor(private readonly settings: ServiceBusSettings) {}

  /** Oldest first, without taking them. @param after the sequence number a page ended with */
  list({ after, limit }: { after?: string | undefined; limit: number }): Promise<DeadLetterDto[]> {
    return this.connected(async ({ deadLetters }) => {
      const from = after === undefined ? Long.ZERO : Long.fromString(after).add(1);
      return (await deadLetters.peekMessages(limit, { fromSequenceNumber: from })).map(deadLetterDto);
    });
  }

  /** Shows all of them, page by page, without taking them. */
  scan(visit: (page: readonly DeadCommand[]) => Promise<void>): Promise<void> {
    return this.connected(async ({ deadLetters }) => {
      for (let from = Long.ZERO; ;) {
        const page = await deadLetters.peekMessages(receivedAtOnce, { fromSequenceNumber: from });
        const last = page.at(-1);
        if (!last) return;
        await visit(
          page.map((message) => ({ commandId: firstIdOf(message), reason: deadLetterDto(message).reason })),
        );
        from = (last.sequenceNumber as Long).add(1);
      }
    });
  }

  /**
   * Sends those that are meant again, as new commands with all their deliveries before them, each under a message id of its
   * own: under the old one the queue would take it for a duplicate. A crash in between may send one twice, which its handler
   * knows by what the command itself says.
   */
  redrive(filter: DeadLetterFilter): Promise<Taken> {
    return this.connected(async ({ client, deadLetters }) => {
      const sender = client.createSender(this.settings.queue);
      return take(deadLetters, filter, async (message) => {
        const command = again(message);
        await sender.sendMessages(command);
        return command.messageId;
      });
    });
  }

  /** Gives up those that are meant, for good. */
  discard(filter: DeadLetterFilter): Promise<Taken> {
    return this.connected(({ deadLetters }) => take(deadLetters, filter, async () => undefined));
  }

  private async connected<T>(
    work: (open: { client: ServiceBusClient; deadLetters: ServiceBusReceiver }) => Promise<T>,
  ): Promise<T> {
    const client = connect(this.settings);
    try {
      const deadLetters = client.createReceiver(this.settings.queue, {
        subQueueType: 'deadLetter',
        // As bytes: what is sent again is what was received.
        skipParsingBodyAsJson: true,
      });
      return await work({ client, deadLetters });
    } finally {
      await within(2_000, client.close());
    }
  }
}

/**
 * There is no way to lock one by its number: all are received in order, and those that are not meant given back.
 * @param act answers the message id under which the command goes on, if it does
 */
async function take(
  deadLetters: ServiceBusReceiver,
  filter: DeadLetterFilter,
  act: (message: ServiceBusReceivedMessage) => Promise<string | undefined>,
): Promise<Taken> {
  // Where there is none, receiving would wait for one.
  if ((await deadLetters.peekMessages(1)).length === 0) return { taken: [], more: false };
  const taken: DeadLetterDto[] = [];
  const left: ServiceBusReceivedMessage[] = [];
  const sent = new Set<string>();
  try {
    for (let looked = 0; looked < mostLookedAt;) {
      const received = await deadLetters.receiveMessages(receivedAtOnce, { maxWaitTimeInMs: nextWithinMs });
      if (received.length === 0) return { taken, more: false };
      looked += received.length;
      for (const message of received) {
        const dto = deadLetterDto(message);
        // What fails again while this goes on is here once more: it has had its turn.
        if (sent.has(dto.messageId) || !isMeant(dto, filter)) {
          left.push(message);
          continue;
        }
        const messageId = await act(message);
        if (messageId !== undefined) sent.add(messageId);
        await deadLetters.completeMessage(message);
        taken.push(dto);
      }
      if (filter.sequenceNumber !== undefined && taken.length > 0) return { taken, more: false };
    }
    return { taken, more: true };
  } finally {
    await Promise.allSettled(left.map((message) => deadLetters.abandonMessage(message)));
  }
}

const firstIdOf = ({ messageId, applicationProperties }: ServiceBusReceivedMessage): string =>
  String(applicationProperties?.[redrivenFrom] ?? messageId);

/** The same command as it was first sent, under an id that tells it from all others and is the same if this is done again. */
function again(message: ServiceBusReceivedMessage): ServiceBusMessage & { messageId: string } {
  const { body, subject, contentType, correlationId, applicationProperties = {} } = message;
  const first = firstIdOf(message);
  const properties = Object.entries(applicationProperties).filter(
    ([name]) => !deadLetterProperties.has(name),
  );
  return {
    messageId: `${first}/redriven/${String(message.sequenceNumber)}`,
    body: body as unknown,
    ...(subject !== undefined && { subject }),
    ...(contentType !== undefined && { contentType }),
    ...(correlationId !== undefined && { correlationId }),
    applicationProperties: { ...Object.fromEntries(properties), [redrivenFrom]: first },
  };
}
