import { plainText } from '@app/contracts';
import { Answers, invalid, Problem, Scopes } from '@app/service-defaults';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { millisecondsOf } from '../domain/duration.js';
import type { Effects } from '../domain/effect.js';
import { EffectsService } from './effects.service.js';
import { effectsAnswer } from './responses.js';

const longestWaitMs = 30_000;

const query = z.strictObject({
  groups: plainText(2_000)
    .min(1)
    .transform((names) => [...new Set(names.split(',').map((name) => name.trim()))])
    .optional(),
  wait: plainText(20)
    .transform((text) => millisecondsOf(text))
    .pipe(
      z.number({ error: 'must be a duration such as 5s or 500ms' }).max(longestWaitMs, 'must be at most 30s'),
    )
    .optional(),
});

const eventId = z.uuid().transform((id) => id.toLowerCase());

@ApiTags('events')
@ApiBearerAuth()
@Controller('v1/events')
export class EffectsController {
  constructor(private readonly effects: EffectsService) {}

  @Get(':eventId/effects')
  @Scopes('events:read')
  @ApiOperation({
    summary: 'What the consumer groups have made of an event',
    description:
      'Answers as soon as every named group is past pending and retrying, or after `wait`. Always 200: an id nobody has seen is pending.',
  })
  @ApiParam({
    name: 'eventId',
    schema: { type: 'string', format: 'uuid' },
    description: 'The Event-Id of a write',
  })
  @ApiQuery({
    name: 'groups',
    required: false,
    example: 'search-indexer,audit',
    description: 'All groups unless given',
  })
  @ApiQuery({
    name: 'wait',
    required: false,
    example: '5s',
    description: 'A duration such as 5s or 500ms, at most 30s',
  })
  @Answers(200, 'What each group has made of it.', effectsAnswer)
  async effectsOf(
    @Param('eventId', { schema: eventId }) id: string,
    @Query({ schema: query }) { groups, wait }: z.infer<typeof query>,
  ): Promise<Effects> {
    const known = this.effects.groups;
    const unknown = (groups ?? []).filter((group) => !known.includes(group));
    if (unknown.length > 0) {
      throw unknownGroups(unknown, known);
    }
    return this.effects.effectsOf(id, groups ?? known, wait ?? 0);
  }
}

function unknownGroups(unknown: string[], known: string[]): Problem {
  return invalid([
    { pointer: '/groups', detail: `${unknown.join(', ')}: unknown; the groups are ${known.join(', ')}` },
  ]);
}
