import { Answers, type Caller, CallerOf, Scopes } from '@app/service-defaults';
import { Controller, HttpCode, Logger, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdministrativeActs } from '../acts/administrative-acts.js';
import { PauseGate } from './pause-gate.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin')
@Scopes('admin')
export class ControlController {
  private readonly logger = new Logger('Consumer');

  constructor(
    private readonly gate: PauseGate,
    private readonly acts: AdministrativeActs,
  ) {}

  @Post('pause')
  @HttpCode(204)
  @ApiOperation({ summary: 'Begin nothing new, in any replica, until resumed; also across a restart' })
  @Answers(204, 'The group is paused.')
  async pause(@CallerOf() { subject }: Caller): Promise<void> {
    await this.acts.during({ act: 'pause', actor: subject }, () => this.gate.set(true, subject));
    this.logger.warn(`paused by ${subject}`);
  }

  @Post('resume')
  @HttpCode(204)
  @ApiOperation({ summary: 'Go on where the pause began' })
  @Answers(204, 'The group goes on.')
  async resume(@CallerOf() { subject }: Caller): Promise<void> {
    await this.acts.during({ act: 'resume', actor: subject }, () => this.gate.set(false, subject));
    this.logger.log(`resumed by ${subject}`);
  }
}
