import { AdministrativeActs } from '@app/consumer';
import { plainText } from '@app/contracts';
import { type DeadLetterDto, DeadLetterQueue } from '@app/service-bus';
import { Answers, type Caller, CallerOf, pageLimit, Scopes } from '@app/service-defaults';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { deadLettersAnswer, movedAnswer } from './responses.js';

const sequenceNumber = z.string().regex(/^\d{1,18}$/, 'must be a sequence number');
const listQuery = z.strictObject({ limit: pageLimit(50), cursor: sequenceNumber.optional() });
const filter = {
  sequenceNumber: sequenceNumber.optional(),
  reason: plainText(200).min(1).optional(),
  customerId: plainText(200).min(1).optional(),
};
const redriveBody = z
  .strictObject(filter)
  .default({})
  .meta({ examples: [{ reason: 'MaxDeliveryCountExceeded' }] });
const discardBody = z
  .strictObject({ ...filter, because: plainText(500).trim().min(1) })
  .refine(
    ({ because: _why, ...meant }) => Object.keys(meant).length > 0,
    'say which: all of them is too many',
  )
  .meta({ examples: [{ sequenceNumber: '17', because: 'the address is one of a test' }] });

/** Commands that nobody could do: looked at, tried again, or given up. */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/dead-letters')
@Scopes('admin')
export class DeadLettersController {
  constructor(
    private readonly deadLetters: DeadLetterQueue,
    private readonly acts: AdministrativeActs,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Notifications that could not be sent, oldest first, with the reason why' })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  })
  @ApiQuery({ name: 'cursor', required: false, description: 'The nextCursor of the page before' })
  @Answers(200, 'A page; `nextCursor` is there while there is more.', deadLettersAnswer)
  async list(
    @Query({ schema: listQuery }) { limit, cursor }: z.infer<typeof listQuery>,
  ): Promise<{ items: DeadLetterDto[]; nextCursor?: string }> {
    const found = await this.deadLetters.list({ after: cursor, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, ...(last && found.length > limit && { nextCursor: last.sequenceNumber }) };
  }

  @Post('redrive')
  @HttpCode(202)
  @ApiOperation({ summary: 'Send all of them again, or those that fit the body' })
  @Answers(202, 'How many are tried again.', movedAnswer)
  async redrive(
    @Body({ schema: redriveBody }) { customerId, ...meant }: z.infer<typeof redriveBody>,
    @CallerOf() { subject: actor }: Caller,
  ): Promise<{ commands: number; more: boolean }> {
    const details = { queue: 'notifications', ...meant };
    const { taken, more } = await this.acts.during({ act: 'redrive', actor, details }, (about) => {
      if (customerId !== undefined) about(customerId);
      return this.deadLetters.redrive({ ...meant, correlationId: customerId });
    });
    return { commands: taken.length, more };
  }

  @Post('discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give those up that fit the body, for good' })
  @Answers(200, 'How many were given up.', movedAnswer)
  async discard(
    @Body({ schema: discardBody }) { customerId, because, ...meant }: z.infer<typeof discardBody>,
    @CallerOf() { subject: actor }: Caller,
  ): Promise<{ commands: number; more: boolean }> {
    const details = { queue: 'notifications', because, ...meant };
    const { taken, more } = await this.acts.during({ act: 'discard', actor, details }, (about) => {
      if (customerId !== undefined) about(customerId);
      return this.deadLetters.discard({ ...meant, correlationId: customerId });
    });
    return { commands: taken.length, more };
  }
}
