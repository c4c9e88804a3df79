import { plainText } from '@app/contracts';
import { Answers, cursorAfter, pageLimit, positionOf, Scopes } from '@app/service-defaults';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { type AuditEntryDto, dtoOf } from './entries/audit-entry.dto.js';
import { placeOf, positionAt } from './entries/entry-cursor.js';
import { listEntries } from './entries/list-entries.js';
import { PUBLICATION } from './publish/heads-publisher.js';
import type { Publication } from './publish/publish-heads.js';
import { entriesAnswer, verifyAnswer } from './responses.js';
import { type Verification, verifyChains } from './verify/verify-chains.js';

const query = z.strictObject({
  customerId: z
    .uuid()
    .transform((id) => id.toLowerCase())
    .optional(),
  limit: pageLimit(50),
  cursor: plainText(100).min(1).optional(),
});

@ApiTags('audit')
@ApiBearerAuth()
@Scopes('events:read')
@Controller('v1/audit')
export class AuditController {
  private running: Promise<Verification> | undefined;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(PUBLICATION) private readonly publication: Publication | undefined,
  ) {}

  @Get('entries')
  @ApiOperation({
    summary: 'What happened, oldest first',
    description: 'Chain by chain; the entries of one customer lie on one chain. Personal data stays sealed.',
  })
  @ApiQuery({ name: 'customerId', required: false, schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  })
  @ApiQuery({ name: 'cursor', required: false, description: 'The nextCursor of the page before' })
  @Answers(200, 'A page; `nextCursor` is there while there is more.', entriesAnswer)
  async entries(
    @Query({ schema: query }) { customerId, limit, cursor }: z.infer<typeof query>,
  ): Promise<{ items: AuditEntryDto[]; nextCursor?: string }> {
    const after = cursor === undefined ? undefined : placeOf(positionOf(cursor, { customerId }));
    const found = await listEntries(this.dataSource, { customerId, after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(dtoOf),
      ...(last && found.length > limit ? { nextCursor: cursorAfter(positionAt(last), { customerId }) } : {}),
    };
  }

  @Get('verify')
  @ApiOperation({
    summary: 'Recomputes every hash chain',
    description:
      'And compares it with what was published of it outside the database. Takes about half a minute a million ' +
      'entries; callers who come meanwhile share the answer.',
  })
  @Answers(200, 'Whether every chain is what was written.', verifyAnswer)
  async verify(): Promise<Verification> {
    this.running ??= verifyChains(this.dataSource, this.publication).finally(
      () => (this.running = undefined),
    );
    return this.running;
  }
}
