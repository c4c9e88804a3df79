import type { Customer } from '@app/contracts';
import { Answers, Problems, Scopes, traceParentOf } from '@app/service-defaults';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { idParam } from '../customers/requests.js';
import { Idempotent, Keyed } from '../idempotency/idempotent.js';
import type { KeyedRequest } from '../idempotency/keyed-request.js';
import { answerToMerge, answerToRevert } from './answers-kept.js';
import { MergesService } from './merges.service.js';
import type { Provenance } from './provenance.js';
import { mergeAnswer, mergedAnswer, revertedAnswer } from './responses.js';

const mergeBody = z
  .strictObject({ duplicateId: idParam })
  .meta({ examples: [{ duplicateId: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b' }] });

interface MergeView {
  mergeId: string;
  survivorId: string;
  duplicateId: string;
  /** Paths that the survivor took, and whose their values are: the duplicate's, or of somebody merged into it before. */
  taken: Provenance;
  mergedAt: string;
  mergedBy: string;
  revertedAt?: string;
  revertedBy?: string;
}

@ApiTags('merges')
@ApiBearerAuth()
@Controller('v1')
export class MergesController {
  constructor(private readonly merges: MergesService) {}

  @Post('customers/:id/merge')
  @Idempotent()
  @Scopes('customers:write')
  @ApiOperation({
    summary: 'Make one customer of two: the one of the path survives',
    description:
      'The survivor’s own values win, the duplicate’s fill the gaps, and a withdrawn consent wins over a granted one. ' +
      '`provenance` says whose each value is. From then on the duplicate answers 308, and 409 to writes, until the merge is ' +
      'reverted. No If-Match.',
  })
  @Answers(201, 'The survivor.', mergedAnswer, ['etag', 'event-id', 'location', 'idempotent-replayed'])
  @Problems(409, 410)
  async merge(
    @Param('id', { schema: idParam }) id: string,
    @Body({ schema: mergeBody }) { duplicateId }: z.infer<typeof mergeBody>,
    @Headers('traceparent') traceparent: string | undefined,
    @Keyed() keyed: KeyedRequest | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ mergeId: string; customer: Customer; provenance: Provenance }> {
    const merged = await this.merges.merge(id, duplicateId, traceParentOf(traceparent), keyed);
    const { headers, body } = answerToMerge(merged);
    void reply.headers(headers);
    return body;
  }

  @Get('merges/:id')
  @Scopes('customers:read')
  @ApiOperation({ summary: 'A merge: who with whom, which values were taken, whether it was reverted' })
  @Answers(200, 'The merge.', mergeAnswer)
  async get(@Param('id', { schema: idParam }) id: string): Promise<MergeView> {
    const { survivorId, duplicateId, taken, mergedAt, mergedBy, revertedAt, revertedBy } =
      await this.merges.get(id);
    return {
      mergeId: id,
      survivorId,
      duplicateId,
      taken: Object.fromEntries(taken.map(({ path, origin }) => [path, origin])),
      mergedAt: mergedAt.toISOString(),
      mergedBy,
      ...(revertedAt ? { revertedAt: revertedAt.toISOString() } : {}),
      ...(revertedBy ? { revertedBy } : {}),
    };
  }

  @Post('merges/:id/revert')
  @Idempotent()
  @HttpCode(200)
  @Scopes('customers:write')
  @ApiOperation({
    summary: 'Make two customers of one again',
    description:
      'The duplicate is what it was. The survivor gets back what it had wherever its value is still the merge’s; what ' +
      'was written since stays, and `kept` names it. 409 says why it cannot be: reverted already, erased, or merged ' +
      'into another customer since. No If-Match.',
  })
  @Answers(200, 'Both of them.', revertedAnswer, ['etag', 'event-id', 'idempotent-replayed'])
  @Problems(409, 410)
  async revert(
    @Param('id', { schema: idParam }) id: string,
    @Headers('traceparent') traceparent: string | undefined,
    @Keyed() keyed: KeyedRequest | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ customer: Customer; duplicate: Customer; kept: string[] }> {
    const unmerged = await this.merges.revert(id, traceParentOf(traceparent), keyed);
    const { headers, body } = answerToRevert(unmerged);
    void reply.headers(headers);
    return body;
  }
}
