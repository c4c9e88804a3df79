import {
  accessDataSchemaUri,
  accessJsonSchema,
  isEventType,
  jsonSchemaOf,
  schemaVersion,
} from '@app/contracts';
import { Problem, Public } from '@app/service-defaults';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

/** The JSON Schemas that `dataschema` names: as the data travels, and as a consumer opens it. */
@ApiTags('schemas')
@Public()
@Controller('schemas')
export class SchemasController {
  @Get(':type/:file')
  @Header('content-type', 'application/schema+json')
  @ApiOperation({ summary: 'A JSON Schema that events name' })
  schema(@Param('type') type: string, @Param('file') file: string): Record<string, unknown> {
    if (`/schemas/${type}/${file}` === accessDataSchemaUri) return accessJsonSchema();
    const form = { [`v${schemaVersion}.json`]: 'sealed', [`v${schemaVersion}.opened.json`]: 'opened' }[file];
    if (isEventType(type) && (form === 'sealed' || form === 'opened')) return jsonSchemaOf(type, form);
    throw new Problem(404, 'schema-not-found', 'There is no such schema.', {
      detail: `${type}/${file} is unknown.`,
    });
  }
}
