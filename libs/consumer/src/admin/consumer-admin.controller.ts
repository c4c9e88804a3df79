import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Scopes } from '@app/service-defaults';
import { type ConsumerStatus, ConsumerStatusService } from './consumer-status.service.js';
import { statusAnswer } from './responses.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/consumer')
export class ConsumerAdminController {
  constructor(private readonly consumer: ConsumerStatusService) {}

  @Get()
  @Scopes('admin')
  @ApiOperation({ summary: 'Where this consumer stands: positions, owners, lag' })
  @Answers(200, 'Over all replicas.', statusAnswer)
  status(): Promise<ConsumerStatus> {
    return this.consumer.status();
  }
}
