import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Content, OpenApiDocument, Operation, RestService } from './documents.js';

/** What came back. */
export interface Answer {
  status: number;
  contentType: string;
  text: string;
}

/** Holds answers against what the documents say of them. */
export class AnswerCheck {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(private readonly documents: ReadonlyMap<RestService, OpenApiDocument>) {
    addFormats.default(this.ajv);
    for (const [service, document] of documents)
      this.ajv.addSchema({ $id: `urn:service:${service}`, ...document });
  }

  /** What is wrong with an answer; nothing where it is as documented. */
  flawOf({ service, described }: Operation, { status, contentType, text }: Answer): string | undefined {
    if (status >= 500) return 'the service failed';
    const found = described.responses[status];
    if (!found) return `${status} is not documented`;
    const documented = this.resolved(service, found);
    const contents = Object.entries(documented.content ?? {});
    // Some say what they answer in words only.
    if (contents.length === 0) return undefined;
    const [type] = contentType.split(';');
    const schema = documented.content?.[type ?? '']?.schema;
    if (!schema) return `${status} is not documented as ${contentType}`;
    const isJson = /[/+]json$/.test(type ?? '');
    // A file of nobody is empty; JSON never is.
    if (isJson && text === '') return `${status} has no body`;
    const validate = this.validatorOf(service, schema);
    const value: unknown = isJson ? JSON.parse(text) : text;
    if (validate(value)) return undefined;
    return `${status} is not as documented: ${this.ajv.errorsText(validate.errors)}`;
  }

  private resolved(service: RestService, response: Content & { $ref?: string }): Content {
    const name = response.$ref?.split('/').at(-1);
    return name === undefined ? response : (this.documents.get(service)?.components.responses[name] ?? {});
  }

  private validatorOf(service: RestService, schema: object): ValidateFunction {
    const text = JSON.stringify(schema).replaceAll('"#/', `"urn:service:${service}#/`);
    const known = this.validators.get(text) ?? this.ajv.compile(JSON.parse(text) as object);
    this.validators.set(text, known);
    return known;
  }
}
