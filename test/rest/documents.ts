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
  content?: Record<string, { schema?: Schema }>;
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

export const nameOf = ({ service, method, path }: Operation): string => `${service} ${method} ${path}`;
