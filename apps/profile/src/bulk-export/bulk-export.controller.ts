import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Answers, type Caller, CallerOf, Scopes } from '@app/service-defaults';
import { Controller, Get, Headers, Logger, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ActLog } from '../acts/act-log.js';
import { listQuery } from '../customers/requests.js';
import { BulkExportService } from './bulk-export.service.js';
import { exportFormats, exportLines } from './export-lines.js';

const query = z.strictObject({
  format: z.enum(exportFormats).default('ndjson'),
  updatedSince: listQuery.shape.updatedSince,
});

const exportAnswer = z.string().meta({
  examples: ['account_number,first_name,last_name,city,country\nAW00011000,Zoë,Yáñez,Bergen,NO\n'],
});

/** RFC 9110 §12.5.3: named, and not with a weight of 0. */
const gzipTaken = /(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i;

@ApiTags('personal data')
@ApiBearerAuth()
@Controller('v1/exports')
export class BulkExportController {
  private readonly logger = new Logger('BulkExport');

  constructor(
    private readonly exports: BulkExportService,
    private readonly acts: ActLog,
  ) {}

  @Get('customers')
  @Scopes('customers:export')
  @ApiOperation({
    summary: 'All customers as a file',
    description:
      'Streamed, gzip where Accept-Encoding names it. NDJSON has all of a customer, CSV the columns that an import takes. ' +
      'Leaves an entry in the audit.',
  })
  @ApiProduces('application/x-ndjson', 'text/csv')
  @Answers(200, 'The file.', exportAnswer)
  async all(
    @Query({ schema: query }) wanted: z.infer<typeof query>,
    @Headers('accept-encoding') acceptEncoding: string | undefined,
    @CallerOf() { subject, client }: Caller,
    @Req() { method }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const { type } = exportLines[wanted.format];
    const isPacked = gzipTaken.test(acceptEncoding ?? '');
    void reply.header('vary', 'accept-encoding').header('content-type', `${type}; charset=utf-8`);
    if (isPacked) void reply.header('content-encoding', 'gzip');
    if (method === 'HEAD') return undefined;
    const act = { act: 'bulk-export', actor: subject, subject: 'customers', details: { ...wanted, client } };
    await this.acts.during(act, () => Promise.resolve());
    const lines = Readable.from(this.exports.lines(wanted), { objectMode: false });
    return new StreamableFile(isPacked ? this.packed(lines) : lines, {
      type: `${type}; charset=utf-8`,
      disposition: `attachment; filename="customers.${wanted.format}"`,
    });
  }

  /** Either side's end is the other's; the client sees a file that breaks off. */
  private packed(lines: Readable): Readable {
    return pipeline(lines, createGzip(), (error) => {
      if (error) this.logger.warn(`an export broke off: ${error.message}`);
    });
  }
}
