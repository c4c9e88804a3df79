import { asyncApi } from '@app/contracts';
import { Public } from '@app/service-defaults';
import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

/** The stream, for generators of code in any language. */
@ApiTags('schemas')
@Public()
@Controller('asyncapi.json')
export class AsyncApiController {
  private readonly document = asyncApi();

  @Get()
  @ApiOperation({ summary: 'The events as an AsyncAPI 3.0 document' })
  @ApiOkResponse({ description: 'AsyncAPI 3.0.', schema: { type: 'object' } })
  asyncApi(): Record<string, unknown> {
    return this.document;
  }
}
