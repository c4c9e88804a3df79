import { within } from '@app/service-defaults';
import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus';
import { connect } from '../connect.js';
import { CommandTooLargeError } from '../errors.js';
import type { ServiceBusSettings } from '../settings.js';
import { sayingWhatIsMissing } from '../what-is-missing.js';
import type { OutgoingCommand } from './command.js';
import { toMessage } from './to-message.js';

/** Sends commands to a queue in batches. */
export class CommandSender {
  private current: { client: ServiceBusClient; sender: ServiceBusSender } | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly settings: ServiceBusSettings) {}

  /**
   * Sends the first commands, as many as fit into one message of the link, and answers how many the engine has
   * acknowledged. After an error nobody knows whether it has stored them: send them again, under the same message ids.
   *
   * @throws {CommandTooLargeError} when the first command alone does not fit
   * @throws {ServiceBusNamespaceError} when there is no such queue, or no right to send to it
   */
  send(commands: readonly OutgoingCommand[]): Promise<number> {
    return this.attempt(async (sender) => {
      const batch = await sender.createMessageBatch(this.abortable);
      for (const command of commands) {
        if (!batch.tryAddMessage(toMessage(command))) break;
      }
      const [first] = commands;
      if (batch.count === 0 && first) throw new CommandTooLargeError(first.messageId, batch.maxSizeInBytes);
      await sender.sendMessages(batch, this.abortable);
      return batch.count;
    });
  }

  /** A send under way rejects, whether the engine has stored its commands or not. */
  async close(): Promise<void> {
    this.closing.abort();
    await within(1_000, this.discard());
  }

  private get abortable() {
    return { abortSignal: this.closing.signal };
  }

  /** After a failure the next attempt begins with a connection of its own, whatever state the old one is in. */
  private async attempt<T>(work: (sender: ServiceBusSender) => Promise<T>): Promise<T> {
    if (this.closing.signal.aborted) throw new Error('the sender is closed');
    this.current ??= this.open();
    const { current } = this;
    try {
      return await work(current.sender);
    } catch (error) {
      if (!(error instanceof CommandTooLargeError) && this.current === current)
        void within(1_000, this.discard());
      throw sayingWhatIsMissing(error, { ...this.settings, right: 'Send' });
    }
  }

  private open(): { client: ServiceBusClient; sender: ServiceBusSender } {
    const client = connect(this.settings);
    return { client, sender: client.createSender(this.settings.queue) };
  }

  private async discard(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.client.close();
  }
}
