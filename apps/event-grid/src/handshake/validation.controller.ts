import { createHash, timingSafeEqual } from 'node:crypto';
import { plainText } from '@app/contracts';
import { Answers, Problem, Public } from '@app/service-defaults';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { findSubscription } from '../subscriptions/subscriptions.sql.js';
import { subscriptionName } from '../subscriptions/subscription.schema.js';
import { confirmedAnswer } from '../responses.js';
import { agreed } from './handshakes.sql.js';

const query = z.strictObject({ code: plainText(100).min(1) });

/** Where who owns a handler agrees by hand; the code is what proves it. */
@ApiTags('event subscriptions')
@Controller('v1/event-subscriptions')
export class ValidationController {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  @Get(':name/validate')
  @Public()
  @ApiOperation({ summary: 'Agrees to a subscription by hand: the validationUrl of the handshake' })
  @Answers(200, 'The handshake is done', confirmedAnswer)
  async validate(
    @Param('name', { schema: subscriptionName }) name: string,
    @Query({ schema: query }) { code }: z.infer<typeof query>,
  ): Promise<z.infer<typeof confirmedAnswer>> {
    const row = await findSubscription(this.database, name);
    if (!row || !isSame(code, row.validation_code)) throw wrongCode();
    if (row.state === 'Failed') throw wrongCode();
    await agreed(this.database, row);
    return { provisioningState: 'Succeeded' };
  }
}

const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const wrongCode = (): Problem =>
  new Problem(404, 'not-found', 'There is nothing at this address.', {
    detail: 'The code is not of a handshake that waits: put the subscription again for a new one.',
  });
