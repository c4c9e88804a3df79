import { plainText } from '@app/contracts';
import {
  Answers,
  type Caller,
  CallerOf,
  cursorAfter,
  pageLimit,
  positionOf,
  Problem,
  Scopes,
} from '@app/service-defaults';
import { AdministrativeActs } from '@app/consumer';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Clock } from '../clock/clock.js';
import { Dispatcher } from '../delivery/dispatcher.js';
import { subscriptionName } from '../subscriptions/subscription.schema.js';
import { SubscriptionsService } from '../subscriptions/subscriptions.service.js';
import { deadLettersAnswer, deliveriesAnswer, redrivenAnswer } from '../responses.js';
import { type DeadLetterDto, deadLetterOf } from './dead-letter.dto.js';
import { type DeliveryDto, dtoOf } from './delivery.dto.js';
import { discard, listDeliveries, redrive, type Wanted } from './deliveries.sql.js';

const paging = { limit: pageLimit(50), cursor: plainText(500).min(1).optional() };
const deliveriesQuery = z.strictObject({
  state: z.enum(['waiting', 'delivered', 'dead']).optional(),
  eventId: plainText(1_024).min(1).optional(),
  ...paging,
});
const deadLettersQuery = z.strictObject(paging);
const deliveryId = z.string().regex(/^[1-9]\d{0,17}$/, 'must be the id of a delivery');
const redriveBody = z
  .strictObject({ deliveryIds: z.array(deliveryId).min(1).max(1_000).optional() })
  .default({})
  .meta({ examples: [{ deliveryIds: ['42'] }] });

@ApiTags('deliveries')
@ApiBearerAuth()
@Controller('v1/event-subscriptions/:name')
export class DeliveriesController {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly subscriptions: SubscriptionsService,
    private readonly dispatcher: Dispatcher,
    private readonly acts: AdministrativeActs,
    private readonly clock: Clock,
  ) {}

  @Get('deliveries')
  @Scopes('events:read')
  @ApiOperation({
    summary: 'What was pushed, or is to be: each attempt with its answer and latency, newest first',
  })
  @Answers(200, 'A page of deliveries', deliveriesAnswer)
  async deliveries(
    @Param('name', { schema: subscriptionName }) name: string,
    @Query({ schema: deliveriesQuery }) { limit, cursor, ...wanted }: z.infer<typeof deliveriesQuery>,
  ): Promise<{ items: DeliveryDto[]; nextCursor?: string }> {
    const { id } = await this.subscriptions.find(name);
    return this.page({ subscriptionId: id, ...wanted }, limit, cursor, dtoOf);
  }

  @Get('dead-letters')
  @Scopes('events:read')
  @ApiOperation({ summary: 'Events that were given up, newest first; personal data as it is kept, sealed' })
  @Answers(200, 'A page of dead letters', deadLettersAnswer)
  async deadLetters(
    @Param('name', { schema: subscriptionName }) name: string,
    @Query({ schema: deadLettersQuery }) { limit, cursor }: z.infer<typeof deadLettersQuery>,
  ): Promise<{ items: DeadLetterDto[]; nextCursor?: string }> {
    const { id, properties } = await this.subscriptions.find(name);
    return this.page({ subscriptionId: id, state: 'dead' }, limit, cursor, (row) =>
      deadLetterOf(row, properties.eventDeliverySchema),
    );
  }

  @Post('dead-letters/redrive')
  @Scopes('admin')
  @HttpCode(202)
  @ApiOperation({ summary: 'Push dead letters again, all or some; attempts and time to live begin anew' })
  @Answers(202, 'How many wait again', redrivenAnswer)
  async redrive(
    @Param('name', { schema: subscriptionName }) name: string,
    @Body({ schema: redriveBody }) { deliveryIds }: z.infer<typeof redriveBody>,
    @CallerOf() { subject: actor }: Caller,
  ): Promise<{ deliveries: number }> {
    const { id } = await this.subscriptions.find(name);
    const details = { subscription: name, ...(deliveryIds && { deliveryIds }) };
    const deliveries = await this.acts.during({ act: 'redrive-dead-letters', actor, details }, () =>
      redrive(this.database, id, deliveryIds, this.clock.now()),
    );
    this.dispatcher.wake();
    return { deliveries };
  }

  @Delete('dead-letters/:deliveryId')
  @Scopes('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Give a dead letter up for good' })
  @Answers(204, 'It is gone')
  async discard(
    @Param('name', { schema: subscriptionName }) name: string,
    @Param('deliveryId', { schema: deliveryId }) id: string,
    @CallerOf() { subject: actor }: Caller,
  ): Promise<void> {
    const subscription = await this.subscriptions.find(name);
    const details = { subscription: name, deliveryId: id };
    await this.acts.during({ act: 'discard-dead-letter', actor, details }, async () => {
      if (await discard(this.database, subscription.id, id)) return;
      throw new Problem(404, 'not-found', 'There is nothing at this address.', {
        detail: `No dead letter of ${name} has the id ${id}.`,
      });
    });
  }

  private async page<T>(
    wanted: Omit<Wanted, 'before' | 'limit'>,
    limit: number,
    cursor: string | undefined,
    shown: (row: Awaited<ReturnType<typeof listDeliveries>>[number]) => T,
  ): Promise<{ items: T[]; nextCursor?: string }> {
    const before = cursor === undefined ? undefined : positionOf(cursor, wanted);
    const found = await listDeliveries(this.database, { ...wanted, before, limit: limit + 1 });
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    return {
      items: rows.map(shown),
      ...(last && found.length > limit ? { nextCursor: cursorAfter(last.id, wanted) } : {}),
    };
  }
}
