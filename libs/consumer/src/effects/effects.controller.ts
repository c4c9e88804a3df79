import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Scopes } from '@app/service-defaults';
import { z } from 'zod';
import { effectAnswer } from '../admin/responses.js';
import { type Effect, EffectsService } from './effects.service.js';

const longestWaitMs = 30_000;

const wait = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s)$/, 'must be a duration such as 5s or 200ms')
  .transform((text) => Number.parseFloat(text) * (text.endsWith('ms') ? 1 : 1_000))
  .pipe(z.number().max(longestWaitMs, 'must be at most 30s'));

const query = z.object({
  wait: wait.optional(),
  /** Where the event lies, if the asker knows: tells apart what was ignored before this process began. */
  partitionId: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a partition id')
    .optional(),
  sequenceNumber: z.coerce.number().int().nonnegative().optional(),
  /** The event's CloudEvents source, if it is not the platform's own: an id is distinct only together with it. */
  source: z.string().min(1).max(1_000).optional(),
});
type EffectQuery = z.infer<typeof query>;

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/effects')
export class EffectsController {
  constructor(private readonly effects: EffectsService) {}

  @Get(':eventId')
  @Scopes('admin')
  @ApiOperation({ summary: 'What this consumer has made of an event; waits up to ?wait= for it' })
  @Answers(200, 'An event nobody has seen is pending.', effectAnswer)
  effect(
    @Param('eventId', { schema: z.string().min(1).max(200) }) eventId: string,
    @Query({ schema: query }) { wait, partitionId, sequenceNumber, source }: EffectQuery,
  ): Promise<Effect> {
    const place =
      partitionId !== undefined && sequenceNumber !== undefined ? { partitionId, sequenceNumber } : undefined;
    return this.effects.effectOf(eventId, wait ?? 0, { place, source });
  }
}
