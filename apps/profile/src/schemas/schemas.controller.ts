import {
  accessDataSchemaUri,
  accessJsonSchema,
  actDataSchemaUri,
  actJsonSchema,
  isEventType,
  jsonSchemaOf,
  latestVersionOf,
} from '@app/contracts';
import { Answers, Problem, Public } from '@app/service-defaults';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';

const schemaAnswer = z
  .looseObject({ title: z.string() })
  .meta({ examples: [{ title: 'AddressChanged v1', type: 'object' }] });

/** The JSON Schemas that `dataschema` names: as the data travels, and as a consumer opens it. */
@ApiTags('schemas')
@Public()
@Controller('schemas')
export class SchemasController {
  @Get(':type/:file')
  @Header('content-type', 'application/schema+json')
  @ApiOperation({ summary: 'A JSON Schema that events name' })
  @ApiProduces('application/schema+json')
  @Answers(200, 'JSON Schema 2020-12.', schemaAnswer)
  schema(@Param('type') type: string, @Param('file') file: string): Record<string, unknown> {
    const uri = `/schemas/${type}/${file}`;
    if (uri === accessDataSchemaUri) return accessJsonSchema();
    if (uri === actDataSchemaUri) return actJsonSchema();
    const [, version, opened] = /^v(\d{1,3})(\.opened)?\.json$/.exec(file) ?? [];
    if (isEventType(type) && Number(version) >= 1 && Number(version) <= latestVersionOf(type))
      return jsonSchemaOf(type, opened ? 'opened' : 'sealed', Number(version));
    throw new Problem(404, 'schema-not-found', 'There is no such schema.', {
      detail: `${type}/${file} is unknown.`,
    });
  }
}
