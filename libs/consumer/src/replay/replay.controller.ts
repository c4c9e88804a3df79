import { Answers, type Caller, CallerOf, Problems, Scopes } from '@app/service-defaults';
import { Body, Controller, Get, HttpCode, Logger, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { replayBody, replayFrom } from './replay-request.js';
import { begunAnswer, replayAnswer } from './responses.js';
import { AdministrativeActs } from '../acts/administrative-acts.js';
import { type BegunReplay, ReplayService } from './replay.service.js';
import type { ReplayDto } from './sql/find-replay.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/replay')
@Scopes('admin')
export class ReplayController {
  private readonly logger = new Logger('Replay');

  constructor(
    private readonly replays: ReplayService,
    private readonly acts: AdministrativeActs,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Read the past again, from "earliest", a time, or {partitionId: sequenceNumber}',
    description: 'For this consumer group alone. A replay that is under way is replaced.',
  })
  @Answers(202, 'Where it begins, and what was there then.', begunAnswer)
  @Problems(409)
  async begin(
    @Body({ schema: replayBody }) { from, effects }: z.infer<typeof replayBody>,
    @CallerOf() { subject }: Caller,
  ): Promise<BegunReplay> {
    const details = { from, ...(effects !== undefined && { effects }) };
    const begun = await this.acts.during({ act: 'replay', actor: subject, details }, () =>
      this.replays.begin({ from: replayFrom(from), effects, actor: subject }),
    );
    this.logger.warn(`${subject} has begun replay ${begun.generation}`);
    return begun;
  }

  @Get()
  @ApiOperation({ summary: 'How far the last replay is' })
  @Answers(200, 'The last one.', replayAnswer)
  @Problems(404)
  status(): Promise<ReplayDto> {
    return this.replays.status();
  }
}
