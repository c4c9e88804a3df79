import { messageOf, within } from '@app/service-defaults';
import type { ProcessErrorArgs, ServiceBusClient, ServiceBusReceiver } from '@azure/service-bus';
import { Logger } from '@nestjs/common';
import { connect } from '../connect.js';
import type { CommandWorker } from './command-worker.js';
import { Settlement } from './settlement.js';
import type { SubscriptionOptions } from './subscription-options.js';

/** As long as the process lives, a command in its hands is its own: renewed until it is settled. */
const renewLocksMs = 24 * 3_600_000;
/** What runs when the engine has gone may be settled over the client's next connection, if it ends so soon. */
const settleWithinMs = 15_000;

/** One client and what is received over it. When its link breaks and does not come back at once, another turn begins. */
export class ReceivingTurn {
  private readonly logger = new Logger('ServiceBus');
  private readonly client: ServiceBusClient;
  private readonly receiver: ServiceBusReceiver;
  private readonly settlement: Settlement;
  private readonly inHand = new Set<Promise<void>>();
  private subscription: { close(): Promise<void> } | undefined;
  private breaks: () => void = () => undefined;
  /** Resolves when the link has broken. */
  readonly broken = new Promise<void>((resolve) => {
    this.breaks = resolve;
  });

  constructor(
    private readonly options: SubscriptionOptions,
    private readonly worker: CommandWorker,
  ) {
    const { settings, events } = options;
    this.client = connect(settings);
    this.receiver = this.client.createReceiver(settings.queue, {
      maxAutoLockRenewalDurationInMs: renewLocksMs,
    });
    this.settlement = new Settlement(this.receiver, events);
  }

  /** Asks the engine for the queue; rejects when it does not answer, or has none of that name. */
  async reach(signal: AbortSignal): Promise<void> {
    await this.receiver.peekMessages(1, { abortSignal: signal });
  }

  begin(): void {
    this.subscription = this.receiver.subscribe(
      {
        processMessage: async (message) => {
          const work = this.worker.process(message, this.settlement);
          this.inHand.add(work);
          await work.finally(() => this.inHand.delete(work));
        },
        processError: async (told) => this.hear(told),
      },
      { maxConcurrentCalls: this.options.concurrency, autoCompleteMessages: false },
    );
  }

  /** Takes nothing more, each step bounded, for with a dead engine they hang; what runs is settled meanwhile. */
  async end(): Promise<void> {
    if (this.subscription) await within(1_500, this.subscription.close());
  }

  /** Disconnects once what was received is settled. */
  async disconnect(): Promise<void> {
    await within(settleWithinMs, Promise.all(this.inHand));
    await within(1_000, this.client.close());
  }

  private hear({ error, errorSource }: ProcessErrorArgs): void {
    if (errorSource === 'receive') this.breaks();
    this.logger.debug(`Service Bus, ${errorSource}: ${messageOf(error)}`);
  }
}
