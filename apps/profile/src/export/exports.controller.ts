import { Answers, type Caller, CallerOf, Problems, Scopes, traceParentOf } from '@app/service-defaults';
import { Controller, Get, Headers, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { idParam } from '../customers/requests.js';
import { AccessLog } from '../personal-data/access-log.js';
import { ExportsService, type SubjectData } from './exports.service.js';
import { exportAnswer } from './responses.js';

@ApiTags('personal data')
@ApiBearerAuth()
@Controller('v1/customers')
export class ExportsController {
  constructor(
    private readonly exports: ExportsService,
    private readonly accesses: AccessLog,
  ) {}

  @Get(':id/export')
  @Scopes('customers:export')
  @ApiOperation({
    summary: 'All that is held about a customer, by every service',
    description:
      'Leaves an entry in the audit. A service that does not answer is named, with the reason, and `complete` is false.',
  })
  @Answers(200, 'What each service holds, or why it is not known.', exportAnswer)
  @Problems(308, 410)
  async get(
    @Param('id', { schema: idParam }) id: string,
    @Headers('traceparent') traceparent: string | undefined,
    @CallerOf() caller: Caller,
  ): Promise<SubjectData> {
    const found = await this.exports.of(id);
    await this.accesses.record({ access: 'export' }, [id], caller, traceParentOf(traceparent));
    return found;
  }
}
