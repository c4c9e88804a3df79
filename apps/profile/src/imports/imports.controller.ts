import { Readable } from 'node:stream';
import { Answers, invalid, pageLimit, Problem, Scopes, traceParentOf } from '@app/service-defaults';
import {
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { importMapping } from '../domain/import-mapping.js';
import type { Import, ImportFormat } from './import.entity.js';
import { Idempotent, Keyed } from '../idempotency/idempotent.js';
import type { KeyedRequest } from '../idempotency/keyed-request.js';
import { acceptedAnswer, type ImportView, viewOf } from './import-view.js';
import { ImportStore } from './import-store.js';
import { ImportWorker } from './import-worker.js';
import { inflated } from './inflated.js';
import { refusedRows } from './refused-rows.js';
import { importAnswer, importErrorsAnswer, refusedRowsAnswer } from './responses.js';

const formats = new Map<string, ImportFormat>([
  ['text/csv', 'csv'],
  ['application/x-ndjson', 'ndjson'],
]);
export const importContentTypes = [...formats.keys()];

const idParam = z.uuid('the id must be a UUID').toLowerCase();

const createQuery = z.strictObject({
  /** Apply every row once more, although the same bytes were imported before. */
  again: z.enum(['true', 'false']).default('false'),
  /** Say what would become of every row, and do nothing. */
  dryRun: z.enum(['true', 'false']).default('false'),
  /** An import mapping, as JSON: how the columns of a CSV file become ours. */
  mapping: z
    .string()
    .max(8_192)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON' });
        return z.NEVER;
      }
    })
    .pipe(importMapping)
    .optional(),
});

const exampleFile = 'account_number,first_name,last_name\nA-17,Ada,Lovelace\n';

const errorsQuery = z.strictObject({
  limit: pageLimit(50),
  cursor: z
    .string()
    .regex(/^\d{1,9}$/, 'must be the nextCursor of an earlier page')
    .optional(),
});

interface ErrorRow {
  row_number: number;
  line: number;
  column_name: string | null;
  reason: string;
}

@ApiTags('imports')
@ApiBearerAuth()
@Controller('v1/imports')
export class ImportsController {
  constructor(
    private readonly store: ImportStore,
    private readonly worker: ImportWorker,
    private readonly dataSource: DataSource,
  ) {}

  /** Takes a file of any size; it is worked through after the answer, and survives a crash from then on. */
  @Post()
  @Idempotent()
  @HttpCode(202)
  @Scopes('customers:write')
  @ApiConsumes('text/csv', 'application/x-ndjson')
  @ApiBody({ description: 'The file.', schema: { type: 'string', example: exampleFile } })
  @ApiOperation({ summary: 'Import a file of customers' })
  @Answers(202, 'The import that begins.', importAnswer, ['location', 'idempotent-replayed'])
  async create(
    @Headers('content-type') contentType: string | undefined,
    @Headers('content-encoding') encoding: string | undefined,
    @Headers('traceparent') traceparent: string | undefined,
    @Query({ schema: createQuery }) { again, dryRun, mapping }: z.infer<typeof createQuery>,
    @Keyed() keyed: KeyedRequest | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportView> {
    const format = formats.get((contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '');
    if (!format) {
      throw new Problem(415, 'unsupported-media-type', 'This content type is not accepted here.', {
        detail: `Send ${importContentTypes.join(' or ')}.`,
      });
    }
    if (mapping && format !== 'csv') {
      throw invalid([
        { pointer: '/mapping', detail: 'maps the columns of a CSV file; NDJSON has our members' },
      ]);
    }
    const accepted = await this.store.receive(
      {
        format,
        again: again === 'true',
        dryRun: dryRun === 'true',
        mapping: mapping ?? null,
        traceparent: traceParentOf(traceparent),
        keyed,
      },
      inflated(request.body as Readable, encoding),
    );
    this.worker.wake();
    const { headers, body } = acceptedAnswer(accepted);
    void reply.headers(headers);
    return body;
  }

  @Get(':id')
  @Scopes('customers:read')
  @ApiOperation({ summary: 'How far an import is' })
  @Answers(200, 'The import.', importAnswer)
  async get(@Param('id', { schema: idParam }) id: string): Promise<ImportView> {
    return viewOf(await this.existing(id));
  }

  @Get(':id/errors')
  @Scopes('customers:read')
  @ApiOperation({ summary: 'The rows that an import refused' })
  @Answers(200, 'A page; `nextCursor` is there while there is more.', importErrorsAnswer)
  async errors(
    @Param('id', { schema: idParam }) id: string,
    @Query({ schema: errorsQuery }) { limit, cursor }: z.infer<typeof errorsQuery>,
  ): Promise<{ items: { line: number; column?: string; reason: string }[]; nextCursor?: string }> {
    await this.existing(id);
    const rows: ErrorRow[] = await this.dataSource.query(
      `SELECT row_number, line, column_name, reason FROM import_error
       WHERE import_id = $1 AND row_number > $2 ORDER BY row_number LIMIT $3`,
      [id, Number(cursor ?? 0), limit + 1],
    );
    const page = rows.slice(0, limit);
    const items = page.map(({ line, column_name: column, reason }) => ({
      line,
      ...(column ? { column } : {}),
      reason,
    }));
    const last = page.at(-1);
    return rows.length > limit && last ? { items, nextCursor: String(last.row_number) } : { items };
  }

  /** To be corrected and imported again. What was refused stays readable for 30 days, and no longer than its customer. */
  @Get(':id/refused-rows')
  @Scopes('customers:read')
  @ApiOperation({ summary: 'The rows that an import refused, as they came, to be corrected' })
  @ApiProduces('text/csv', 'application/x-ndjson')
  @Answers(200, 'A file like the one that was imported.', refusedRowsAnswer)
  async refused(@Param('id', { schema: idParam }) id: string): Promise<StreamableFile> {
    const job = await this.existing(id);
    const type = job.format === 'csv' ? 'text/csv' : 'application/x-ndjson';
    return new StreamableFile(Readable.from(refusedRows(this.dataSource, job), { objectMode: false }), {
      type: `${type}; charset=utf-8`,
      disposition: `attachment; filename="refused-rows.${job.format}"`,
    });
  }

  private async existing(id: string): Promise<Import> {
    const found = await this.store.find(id);
    if (found) return found;
    throw new Problem(404, 'import-not-found', 'There is no such import.', {
      detail: `No import has the id ${id}.`,
    });
  }
}
