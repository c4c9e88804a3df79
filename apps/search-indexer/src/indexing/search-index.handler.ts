import { type ConsumerContext, EventBatchPattern } from '@app/consumer';
import type { EventType, OpenedEvent } from '@app/contracts';
import { Controller, Logger } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { isCustomerFact } from '../domain/customer-fact.js';
import { foldEvents } from '../domain/fold-events.js';
import { learnWords } from './learn-words.js';
import { storeDocuments } from './store-documents.js';

/** What changes nothing of what is searched (consents, preferences, the birth date) is passed over unread. */
const searched: EventType[] = [
  'CustomerAdded',
  'CustomerNameChanged',
  'ContactDetailsChanged',
  'AddressChanged',
  'CustomersMerged',
  'CustomersUnmerged',
  'CustomerErased',
];

@Controller()
export class SearchIndexHandler {
  private readonly logger = new Logger('SearchIndex');

  @EventBatchPattern(searched)
  async index(@Payload() events: OpenedEvent[], @Ctx() context: ConsumerContext): Promise<void> {
    const facts = events.filter(isCustomerFact);
    const strangers = events.length - facts.length;
    if (strangers > 0) this.logger.warn(`${strangers} events passed over: not in the form of their type`);
    const states = foldEvents(facts);
    await learnWords(
      context.manager,
      states.flatMap(({ document }) => document ?? []),
    );
    await storeDocuments(context.manager, states);
  }
}
