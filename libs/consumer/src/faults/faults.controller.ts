import { plainText } from '@app/contracts';
import { Answers, type Caller, CallerOf, Problem, Problems, Scopes } from '@app/service-defaults';
import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AdministrativeActs } from '../acts/administrative-acts.js';
import { faultsAnswer } from '../admin/responses.js';
import { type Fault, Faults } from './faults.js';

const fault = z
  .strictObject({
    customerId: plainText(200).min(1),
    /** Failures; without end when left out. */
    times: z.int().min(1).max(1_000_000).optional(),
  })
  .meta({ examples: [{ customerId: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b', times: 3 }] });

/** Answers 404 unless FAULTS=on. */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/faults')
@Scopes('admin')
export class FaultsController {
  constructor(
    private readonly injected: Faults,
    private readonly acts: AdministrativeActs,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Customers for whom the handlers fail on demand' })
  @Answers(200, 'Those of this process.', faultsAnswer)
  @Problems(404)
  list(): { items: Fault[] } {
    return { items: this.faults.list() };
  }

  @Post()
  @HttpCode(204)
  @ApiOperation({ summary: 'Make the handlers of this process fail for a customer, so many times' })
  @Answers(204, 'It is set.')
  @Problems(404, 409)
  async set(
    @Body({ schema: fault }) { customerId, times }: z.infer<typeof fault>,
    @CallerOf() { subject }: Caller,
  ): Promise<void> {
    const { faults } = this;
    const details = { ...(times !== undefined && { times }) };
    await this.acts.during({ act: 'fault', actor: subject, details }, (about) => {
      about(customerId);
      if (faults.set(customerId, times)) return;
      throw new Problem(409, 'too-many-faults', 'Too many faults are set: end them with DELETE first.');
    });
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'End all faults' })
  @Answers(204, 'There are none.')
  @Problems(404)
  async clear(@CallerOf() { subject }: Caller): Promise<void> {
    const { faults } = this;
    await this.acts.during({ act: 'clear-faults', actor: subject }, () => faults.clear());
  }

  private get faults(): Faults {
    if (this.injected.on) return this.injected;
    throw new Problem(404, 'not-found', 'Faults are injected only where FAULTS=on.');
  }
}
