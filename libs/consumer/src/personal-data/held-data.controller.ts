import { Answers, type Caller, CallerOf, Problem, Scopes } from '@app/service-defaults';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { heldAnswer } from '../admin/responses.js';
import { KeyServiceError } from '../keys/key-source.js';
import type { HeldData } from './held-data.js';
import { HeldDataService } from './held-data.service.js';

const customerParam = z.uuid('the id must be a UUID').toLowerCase();

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/personal-data')
@Scopes('customers:export')
export class HeldDataController {
  constructor(private readonly heldData: HeldDataService) {}

  @Get(':customerId')
  @ApiOperation({
    summary: 'What this consumer holds about a customer; for the export of the profile service',
    description: 'Services only: whoever exports asks profile, which leaves an entry in the audit.',
  })
  @Answers(200, 'What is held, by section.', heldAnswer)
  async get(
    @Param('customerId', { schema: customerParam }) customerId: string,
    @CallerOf() { isService }: Caller,
  ): Promise<HeldData> {
    if (!isService) {
      throw new Problem(403, 'services-only', 'Only services may ask this.', {
        detail: 'Ask profile: GET /v1/customers/{id}/export.',
      });
    }
    try {
      return await this.heldData.of(customerId);
    } catch (error) {
      if (!(error instanceof KeyServiceError)) throw error;
      throw new Problem(503, 'unavailable', 'The service cannot answer at the moment: try again.', {
        detail: 'The keys of what is sealed cannot be had.',
        headers: { 'retry-after': '1' },
      });
    }
  }
}
