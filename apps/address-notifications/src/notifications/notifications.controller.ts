import { plainText } from '@app/contracts';
import { Answers, invalid, pageLimit, Scopes } from '@app/service-defaults';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { listNotifications, type NotificationDto } from './list-notifications.js';
import { decodeCursor, encodeCursor } from './notification-cursor.js';
import { notificationsAnswer } from './responses.js';

const query = z.strictObject({
  customerId: z
    .uuid()
    .transform((id) => id.toLowerCase())
    .optional(),
  limit: pageLimit(50),
  cursor: plainText(100).min(1).optional(),
});

@ApiTags('notifications')
@ApiBearerAuth()
@Controller('v1/notifications')
export class NotificationsController {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  @Get()
  @Scopes('customers:read')
  @ApiOperation({
    summary: 'Who was told what, newest first',
    description:
      '`status` is queued, sent, failed or skipped; `reason` says why one failed, waits or was skipped.',
  })
  @ApiQuery({ name: 'customerId', required: false, schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  })
  @ApiQuery({ name: 'cursor', required: false, description: 'The nextCursor of the page before' })
  @Answers(200, 'A page; `nextCursor` is there while there is more.', notificationsAnswer)
  async list(
    @Query({ schema: query }) { customerId, limit, cursor }: z.infer<typeof query>,
  ): Promise<{ items: NotificationDto[]; nextCursor?: string }> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor);
    if (cursor !== undefined && before === undefined) {
      throw invalid([{ pointer: '/cursor', detail: 'the cursor was not made by this list' }]);
    }
    const found = await listNotifications(this.dataSource, { customerId, before, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, ...(last && found.length > limit ? { nextCursor: encodeCursor(BigInt(last.id)) } : {}) };
  }
}
