import { Answers, type Caller, CallerOf, invalid, Problem, Problems, Scopes } from '@app/service-defaults';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { SubscriptionFilter } from '../domain/subscription-filter.js';
import { filterSchema, subscriptionName } from '../subscriptions/subscription.schema.js';
import { SubscriptionsService } from '../subscriptions/subscriptions.service.js';
import { explainAnswer } from '../responses.js';
import { type ExplainedEvent, Explainer } from './explainer.js';

const body = z
  .strictObject({
    subscription: subscriptionName
      .optional()
      .meta({ description: 'The filter of this one; or give filter.' }),
    filter: filterSchema.optional(),
    last: z
      .int()
      .min(1)
      .max(500)
      .default(50)
      .meta({ description: 'Of each partition, so many of the last events.' }),
  })
  .meta({ examples: [{ filter: { includedEventTypes: ['AddressChanged'] }, last: 10 }] });

@ApiTags('event subscriptions')
@ApiBearerAuth()
@Controller('v1')
export class ExplainController {
  constructor(
    private readonly explainer: Explainer,
    private readonly subscriptions: SubscriptionsService,
  ) {}

  @Post('event-subscriptions::explain')
  @Scopes('events:read')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Runs a filter over the last events of the stream: which clause matched, and which did not',
    description:
      'Nothing is pushed. A key below data.personal needs the scope personal-data:read; its values are not told.',
  })
  @Answers(200, 'The events, each with every clause of the filter', explainAnswer)
  @Problems(404, 422)
  async explain(
    @Body({ schema: body }) { subscription, filter: given, last }: z.infer<typeof body>,
    @CallerOf() { scopes }: Caller,
  ): Promise<{ items: ExplainedEvent[] }> {
    if ((given === undefined) === (subscription === undefined)) {
      throw invalid([{ pointer: '', detail: 'takes either filter or subscription' }]);
    }
    const properties =
      subscription === undefined
        ? { ...given, includedEventTypes: given?.includedEventTypes ?? undefined }
        : (await this.subscriptions.find(subscription)).properties.filter;
    const filter = new SubscriptionFilter(properties as ConstructorParameters<typeof SubscriptionFilter>[0]);
    if (filter.needsOpened && !scopes.has('personal-data:read')) {
      throw new Problem(403, 'forbidden', 'The token does not allow this.', {
        detail: 'A filter on data.personal needs the scope personal-data:read.',
      });
    }
    return { items: await this.explainer.explain(filter, last) };
  }
}
