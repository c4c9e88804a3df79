import { platformServices, type PlatformService, type RunningPlatform } from '@app/testing';

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema?: Schema;
}

/** A JSON Schema 2020-12, as far as a document of ours uses it. */
export interface Schema {
  type?: string | string[];
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  /** What @nestjs/swagger makes of `examples`: the first. */
  example?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

export interface Content {
  content?: Record<string, { schema?: Schema; example?: unknown }>;
}

export interface OperationObject {
  operationId: string;
  summary?: string;
  parameters?: Parameter[];
  requestBody?: Content;
  responses: Record<string, Content & { $ref?: string }>;
  security: { bearer?: string[] }[];
}

export interface OpenApiDocument {
  openapi: string;
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Content> };
}

export type RestService = Exclude<PlatformService, 'mailbox'>;

/** A method and a path that a service documents. */
export interface Operation {
  service: RestService;
  method: string;
  path: string;
  described: OperationObject;
}

export const restServices = platformServices.filter((one): one is RestService => one !== 'mailbox');

export async function documentOf(platform: RunningPlatform, service: RestService): Promise<OpenApiDocument> {
  const answer = await fetch(`${platform.url(service)}/openapi.json`);
  return (await answer.json()) as OpenApiDocument;
}

export function operationsOf(service: RestService, document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, described]) => ({
      service,
      method: method.toUpperCase(),
      path,
      described,
    })),
  );
}

/** The scopes a caller needs; nothing for a route that anybody may call. */
export function scopesOf({ described }: Operation): string[] | undefined {
  const [requirement] = described.security;
  return requirement?.bearer;
}

/** Answers that have no body (RFC 9110 §15.3.5, §15.4.5). */
const bodiless = new Set(['204', '304']);

export const examplesOf = ({ examples, example }: Schema): unknown[] =>
  examples ?? (example === undefined ? [] : [example]);

/** What an operation leaves in the dark: a body, asked or answered, that no schema describes, or no example shows. */
export function undescribed(operation: Operation, { components }: OpenApiDocument): string[] {
  const { requestBody, responses } = operation.described;
  const asked = requestBody && isDark(requestBody) ? [`${nameOf(operation)} body`] : [];
  const answered = Object.entries(responses).flatMap(([status, response]) => {
    if (bodiless.has(status)) return [];
    const name = response.$ref?.split('/').at(-1);
    const described = name === undefined ? response : (components.responses[name] ?? {});
    return isDark(described) ? [`${nameOf(operation)} ${status}`] : [];
  });
  return [...asked, ...answered];
}

function isDark({ content = {} }: Content): boolean {
  const bodies = Object.values(content);
  const isShown = ({ schema, example }: (typeof bodies)[number]): boolean =>
    schema !== undefined && (examplesOf(schema).length > 0 || example !== undefined);
  return bodies.length === 0 || !bodies.every(isShown);
}

export const nameOf = ({ service, method, path }: Operation): string => `${service} ${method} ${path}`;
