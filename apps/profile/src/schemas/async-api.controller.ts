import { asyncApi } from '@app/contracts';
import { Answers, Public } from '@app/service-defaults';
import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';

const asyncApiAnswer = z
  .looseObject({ asyncapi: z.string() })
  .meta({ examples: [{ asyncapi: '3.0.0', info: { title: 'Customer events' } }] });

/** The stream, for generators of code in any language. */
@ApiTags('schemas')
@Public()
@Controller('asyncapi.json')
export class AsyncApiController {
  private readonly document = asyncApi();

  @Get()
  @ApiOperation({ summary: 'The events as an AsyncAPI 3.0 document' })
  @Answers(200, 'AsyncAPI 3.0.', asyncApiAnswer)
  asyncApi(): Record<string, unknown> {
    return this.document;
  }
}
