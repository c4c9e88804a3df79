import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { finishDocument } from './finish-document.js';

/** `/openapi.json` and `/docs`, made from the routes and the schemas that check them, when they are first asked for. */
export function serveOpenApi(app: NestFastifyApplication, name: string): void {
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= documentOf(app, name)), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
  });
}

function documentOf(app: NestFastifyApplication, name: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle(name)
    .setDescription(`The REST API of ${name}, a service of the Customer Profile Platform.`)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .setOpenAPIVersion('3.1.0')
    .addServer('/')
    .addBearerAuth()
    .build();
  return finishDocument(SwaggerModule.createDocument(app, config, { standardSchemaConverter: jsonSchemaOf }));
}

/**
 * OpenAPI 3.1 speaks JSON Schema 2020-12; what a schema makes of a value is left to its description. Zod takes the examples
 * of what transforms for those of its output, and leaves them out: ours are what a client sends.
 */
function jsonSchemaOf(schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { $schema: _, ...converted } = z.toJSONSchema(schema, {
    io: schemaType,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.['examples'];
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  });
  return { schema: converted };
}
