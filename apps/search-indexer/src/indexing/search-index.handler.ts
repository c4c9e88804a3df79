import { type ConsumerContext, EventBatchPattern } from '@app/consumer';
import type { EventType, OpenedEvent } from '@app/contracts';
import { Controller, Logger } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { EntityManager } from 'typeorm';
import { type CustomerFact, isCustomerFact } from '../domain/customer-fact.js';
import { foldEvents } from '../domain/fold-events.js';
import type { View } from '../rebuild/view.js';
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
    if (!context.rebuilding) {
      await index(context.manager, facts, 'live');
      return;
    }
    // The live view has what is read again; what is new goes into both, so that nobody is found who was erased just now.
    const replayed = new Set(
      context.rawEvents.flatMap(({ replay, attributes }) => (replay ? [nameOf(attributes)] : [])),
    );
    await index(context.manager, facts, 'next');
    await index(
      context.manager,
      facts.filter((fact) => !replayed.has(nameOf(fact))),
      'live',
    );
  }
}

async function index(sql: EntityManager, facts: readonly CustomerFact[], view: View): Promise<void> {
  if (facts.length > 0) await storeDocuments(sql, foldEvents(facts), view);
}

/** An id is distinct only together with its source (CloudEvents 1.0 §3.1.1). */
const nameOf = ({ id, source }: { id: string; source: string }): string => JSON.stringify([source, id]);
