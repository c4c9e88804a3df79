import { Answers, type Caller, CallerOf, Problems, Scopes, traceParentOf } from '@app/service-defaults';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { groupName } from '../consumer-groups/group-name.js';
import { idParam } from '../customers/requests.js';
import { ErasuresService } from './erasures.service.js';
import type { ErasureView } from './read-erasures.sql.js';
import { erasureAnswer } from './responses.js';

const confirmationBody = z
  .strictObject({ consumerGroup: groupName })
  .meta({ examples: [{ consumerGroup: 'search-indexer' }] });

@ApiTags('erasures')
@ApiBearerAuth()
@Controller('v1')
export class ErasuresController {
  constructor(private readonly erasures: ErasuresService) {}

  @Delete('customers/:id')
  @HttpCode(202)
  @Scopes('customers:erase')
  @ApiOperation({
    summary: 'Erase a customer, for good',
    description:
      'The key of the customer is destroyed at once; every consumer group is told, and confirms. No If-Match. Asked ' +
      'again, it answers the same erasure. From then on the customer answers 410.',
  })
  @Answers(202, 'The erasure, which waits for its groups.', erasureAnswer, ['location'])
  @Problems(409)
  async erase(
    @Param('id', { schema: idParam }) customerId: string,
    @Headers('traceparent') traceparent: string | undefined,
    @CallerOf() { subject }: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ErasureView> {
    const request = { customerId, requestedBy: subject, traceparent: traceParentOf(traceparent) };
    const erasure = await this.erasures.erase(request);
    void reply.header('location', `/v1/erasures/${erasure.id}`);
    return erasure;
  }

  @Get('erasures/:id')
  @Scopes('customers:erase')
  @ApiOperation({ summary: 'Which consumer groups have carried an erasure out, and which have not yet' })
  @Answers(200, 'The erasure.', erasureAnswer)
  get(@Param('id', { schema: idParam }) id: string): Promise<ErasureView> {
    return this.erasures.get(id);
  }

  @Post('erasures/:id/confirmations')
  @HttpCode(200)
  @Scopes('events:read')
  @ApiOperation({
    summary: 'Say that a consumer group has carried an erasure out',
    description:
      'The first time counts. Only the client that has registered a group confirms for it: anybody else is 403. 404 for a ' +
      'group that is not registered; one that was registered after the erasure has nothing to confirm, and changes nothing.',
  })
  @Answers(200, 'The erasure, with the confirmation.', erasureAnswer)
  confirm(
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: confirmationBody }) { consumerGroup }: z.infer<typeof confirmationBody>,
    @CallerOf() { client }: Caller,
  ): Promise<ErasureView> {
    return this.erasures.confirm(id, { consumerGroup, client });
  }
}
