import { plainText } from '@app/contracts';
import { Answers, type Caller, CallerOf, invalid, pageLimit, Scopes } from '@app/service-defaults';
import { Body, Controller, Get, HttpCode, Logger, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AdministrativeActs } from '../acts/administrative-acts.js';
import { notFound, SetAsideService } from '../set-aside/set-aside.service.js';
import type { SetAsideEventDto } from '../set-aside/sql/find-set-aside.js';
import type { SetAsideDto } from '../set-aside/sql/list-set-aside.js';
import { parkedAnswer, parkedEventAnswer, redrivenAnswer } from './responses.js';

const text = plainText(200).min(1);
const filter = {
  type: text.optional(),
  reason: text.optional(),
  stackDigest: z
    .string()
    .regex(/^[0-9a-f]{12}$/, 'must be 12 hexadecimal digits')
    .optional(),
};
const listQuery = z.strictObject({
  ...filter,
  customerId: text.optional(),
  state: z.enum(['parked', 'retrying']).default('parked'),
  limit: pageLimit(50),
  cursor: text.optional(),
});
const redriveBody = z
  .strictObject(filter)
  .default({})
  .meta({ examples: [{ type: 'AddressChanged' }] });
const discardBody = z
  .strictObject({ reason: plainText(500).trim().min(1) })
  .meta({ examples: [{ reason: 'sent by a test' }] });
const nameQuery = z.strictObject({ source: plainText(1_000).min(1).optional() });

/** Events that failed: looked at, tried again, or given up. */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/parked')
@Scopes('admin')
export class ParkedController {
  private readonly logger = new Logger('SetAside');

  constructor(
    private readonly setAside: SetAsideService,
    private readonly acts: AdministrativeActs,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Events that failed for good, one a customer, with what waits behind each' })
  @Answers(200, 'A page; `nextCursor` is there while there is more.', parkedAnswer)
  async list(
    @Query({ schema: listQuery }) { limit, cursor, ...wanted }: z.infer<typeof listQuery>,
  ): Promise<{ items: SetAsideDto[]; nextCursor?: string }> {
    const after = cursor === undefined ? undefined : customerIn(cursor);
    const found = await this.setAside.list(wanted, { after, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, ...(last && found.length > limit && { nextCursor: cursorOf(last.customerId) }) };
  }

  @Get(':eventId')
  @ApiOperation({ summary: 'One event that is set aside, as it was received' })
  @Answers(200, 'The event.', parkedEventAnswer)
  find(
    @Param('eventId', { schema: text }) eventId: string,
    @Query({ schema: nameQuery }) { source }: z.infer<typeof nameQuery>,
  ): Promise<SetAsideEventDto> {
    return this.setAside.find({ eventId, source });
  }

  @Post('redrive')
  @HttpCode(202)
  @ApiOperation({ summary: 'Try all parked customers again, or those whose failed event fits the body' })
  @Answers(202, 'How many are tried again.', redrivenAnswer)
  async redriveAll(
    @Body({ schema: redriveBody }) wanted: z.infer<typeof redriveBody>,
    @CallerOf() { subject }: Caller,
  ): Promise<{ customers: number }> {
    const customers = await this.acts.during({ act: 'redrive', actor: subject, details: wanted }, () =>
      this.setAside.redrive({ ...wanted, state: 'parked' }),
    );
    this.logger.log(`${subject} has ${customers} parked customers tried again`);
    return { customers };
  }

  @Post(':customerId/redrive')
  @HttpCode(202)
  @ApiOperation({ summary: 'Try a customer again: the failed event first, then what waits behind it' })
  @Answers(202, 'How many are tried again.', redrivenAnswer)
  async redrive(
    @Param('customerId', { schema: text }) customerId: string,
    @CallerOf() { subject }: Caller,
  ): Promise<{ customers: number }> {
    return this.acts.during({ act: 'redrive', actor: subject }, async (about) => {
      about(customerId);
      const customers = await this.setAside.redrive({ customerId });
      if (customers === 0) throw notFound(`Nothing of customer ${customerId} is set aside here.`);
      this.logger.log(`${subject} has customer ${customerId} tried again`);
      return { customers };
    });
  }

  @Post(':eventId/discard')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Give an event up, with a reason: it is never applied, and what waits behind it goes on',
  })
  @Answers(204, 'It is given up.')
  async discard(
    @Param('eventId', { schema: text }) eventId: string,
    @Query({ schema: nameQuery }) { source }: z.infer<typeof nameQuery>,
    @Body({ schema: discardBody }) { reason }: z.infer<typeof discardBody>,
    @CallerOf() { subject }: Caller,
  ): Promise<void> {
    const details = { eventId, ...(source !== undefined && { source }), reason };
    await this.acts.during({ act: 'discard', actor: subject, details }, async (about) => {
      about(await this.setAside.discard({ eventId, source }, reason, subject));
    });
    this.logger.warn(`${subject} has discarded event ${eventId}`);
  }
}

const cursorOf = (customerId: string): string => Buffer.from(customerId, 'utf8').toString('base64url');

function customerIn(cursor: string): string {
  const customerId = Buffer.from(cursor, 'base64url').toString('utf8');
  if (cursorOf(customerId) === cursor && !customerId.includes('\0')) return customerId;
  throw invalid([{ pointer: '/cursor', detail: 'the cursor was not made by this list' }]);
}
