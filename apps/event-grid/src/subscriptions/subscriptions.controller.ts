import { plainText } from '@app/contracts';
import {
  Answers,
  type Caller,
  CallerOf,
  cursorAfter,
  pageLimit,
  positionOf,
  Problem,
  Problems,
  Scopes,
} from '@app/service-defaults';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Dispatcher } from '../delivery/dispatcher.js';
import { isSigningSecret } from '../domain/signature.js';
import { awaitsHandshake } from '../domain/subscription.js';
import { Handshaker } from '../handshake/handshaker.js';
import { subscriptionAnswer, subscriptionsAnswer } from '../responses.js';
import { type SubscriptionDto, dtoOf } from './subscription.dto.js';
import {
  propertiesOf,
  type SubscriptionBody,
  subscriptionBody,
  subscriptionName,
} from './subscription.schema.js';
import { SubscriptionsService } from './subscriptions.service.js';

const listQuery = z.strictObject({ limit: pageLimit(50), cursor: plainText(500).min(1).optional() });
const rotateBody = z
  .strictObject({
    signingSecret: z
      .string()
      .refine(isSigningSecret, 'must be whsec_ and 24 to 64 bytes in base64 (Standard Webhooks)')
      .optional(),
  })
  .default({})
  .meta({ examples: [{}] });

/** A PUT waits so long for its handshake; one that takes longer goes on behind the answer. */
const handshakeWaitMs = 5_000;

@ApiTags('event subscriptions')
@ApiBearerAuth()
@Scopes('admin')
@Controller('v1/event-subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly handshaker: Handshaker,
    private readonly dispatcher: Dispatcher,
  ) {}

  @Put(':name')
  @ApiOperation({
    summary: 'Has events pushed to an HTTP handler, or changes which and how',
    description:
      'Azure’s EventSubscriptionProperties. provisioningState is Succeeded once the handler has agreed (the handshake of ' +
      'its schema); nothing is pushed before. The answer to a new subscription is the only one with its signingSecret.',
  })
  @Answers(201, 'The new subscription', subscriptionAnswer, ['location'])
  @Answers(200, 'The changed subscription', subscriptionAnswer)
  @Problems(409, 422)
  async put(
    @Param('name', { schema: subscriptionName }) name: string,
    @Body({ schema: subscriptionBody }) body: SubscriptionBody,
    @CallerOf() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubscriptionDto> {
    if (body.personalData === 'opened' && !caller.scopes.has('personal-data:read')) {
      throw new Problem(403, 'forbidden', 'The token does not allow this.', {
        detail: 'personalData "opened" needs the scope personal-data:read.',
      });
    }
    const { row, created } = await this.subscriptions.put(name, {
      origin: 'rest',
      properties: propertiesOf(body),
      signingSecret: body.signingSecret,
      by: caller.subject,
    });
    // What it has claimed for another address goes back.
    await this.dispatcher.looked();
    if (awaitsHandshake(row.state)) await this.handshaker.attemptWithin(handshakeWaitMs, row);
    this.dispatcher.wake();
    void reply.status(created ? 201 : 200);
    if (created) void reply.header('location', `/v1/event-subscriptions/${name}`);
    const { signing_secret: signingSecret } = row;
    return dtoOf(await this.subscriptions.find(name), created ? { signingSecret } : {});
  }

  @Get()
  @ApiOperation({ summary: 'Every subscription, by name' })
  @Answers(200, 'A page of subscriptions', subscriptionsAnswer)
  async list(
    @Query({ schema: listQuery }) { limit, cursor }: z.infer<typeof listQuery>,
  ): Promise<{ items: SubscriptionDto[]; nextCursor?: string }> {
    const after = cursor === undefined ? '' : positionOf(cursor, {});
    const found = await this.subscriptions.list(after, limit + 1);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return {
      items: items.map((row) => dtoOf(row)),
      ...(last && found.length > limit ? { nextCursor: cursorAfter(last.name, {}) } : {}),
    };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One subscription' })
  @Answers(200, 'The subscription', subscriptionAnswer)
  async find(@Param('name', { schema: subscriptionName }) name: string): Promise<SubscriptionDto> {
    return dtoOf(await this.subscriptions.find(name));
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends a subscription, with what waits, its dead letters and its history' })
  @Answers(204, 'It is gone')
  @Problems(409)
  async remove(@Param('name', { schema: subscriptionName }) name: string): Promise<void> {
    await this.subscriptions.remove(name);
    await this.dispatcher.looked();
  }

  @Post(':name/rotate-secret')
  @HttpCode(200)
  @ApiOperation({ summary: 'Signs with a new secret; for a day with the one before, too' })
  @Answers(
    200,
    'The subscription with its new signingSecret, which is not answered again',
    subscriptionAnswer,
  )
  @Problems(409, 422)
  async rotate(
    @Param('name', { schema: subscriptionName }) name: string,
    @Body({ schema: rotateBody }) { signingSecret }: z.infer<typeof rotateBody>,
  ): Promise<SubscriptionDto> {
    const row = await this.subscriptions.rotate(name, signingSecret);
    return dtoOf(row, { signingSecret: row.signing_secret });
  }
}
