import { Answers, Problem, Problems, Scopes } from '@app/service-defaults';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Dispatcher } from '../delivery/dispatcher.js';
import { clockAnswer } from '../responses.js';
import { Clock } from './clock.js';

const yearMs = 366 * 86_400_000;
const body = z
  .strictObject({ move: z.int().min(0).max(yearMs).meta({ description: 'Milliseconds to go forward.' }) })
  .meta({ examples: [{ move: 86_400_000 }] });

/** For QA: a schedule of a day is through in a moment. */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('v1/clock')
export class ClockController {
  constructor(
    private readonly clock: Clock,
    private readonly dispatcher: Dispatcher,
  ) {}

  @Post()
  @Scopes('admin')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Moves the time of this service forward',
    description: 'Where it was started with CLOCK=virtual; 404 elsewhere.',
  })
  @Answers(200, 'The time by now', clockAnswer)
  @Problems(404)
  move(@Body({ schema: body }) { move }: z.infer<typeof body>): z.infer<typeof clockAnswer> {
    const { movable } = this.clock;
    if (!movable) {
      throw new Problem(404, 'not-found', 'There is nothing at this address.', {
        detail: 'The clock of this service cannot be moved: it runs without CLOCK=virtual.',
      });
    }
    movable.move(move);
    this.dispatcher.wake();
    return { now: movable.now() };
  }
}
