import { plainText } from '@app/contracts';
import {
  Answers,
  type Caller,
  CallerOf,
  invalid,
  pageLimit,
  Problems,
  Scopes,
  traceParentOf,
} from '@app/service-defaults';
import { Controller, Get, Headers, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { idParam } from '../customers/requests.js';
import { absentCustomer } from '../erasures/absent-customer.js';
import { AccessLog } from '../personal-data/access-log.js';
import { type HistoryItem, historyItems } from './history-items.js';
import { historyAnswer } from './responses.js';
import { isThere, readHistory } from './read-history.sql.js';

const historyQuery = z.strictObject({ limit: pageLimit(50), cursor: plainText(20).optional() });

@ApiTags('customers')
@ApiBearerAuth()
@Controller('v1/customers')
export class HistoryController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly accesses: AccessLog,
  ) {}

  @Get(':id/history')
  @Scopes('customers:read')
  @ApiOperation({
    summary: 'Who changed what when, oldest first',
    description:
      'Values before and after for tokens with the scope `personal-data:read`; who is shown some leaves an entry in the audit. ' +
      'A merged duplicate keeps its own history.',
  })
  @Answers(200, 'A page; `nextCursor` is there while there is more.', historyAnswer)
  @Problems(410)
  async history(
    @Param('id', { schema: idParam }) id: string,
    @Query({ schema: historyQuery }) { limit, cursor }: z.infer<typeof historyQuery>,
    @Headers('traceparent') traceparent: string | undefined,
    @CallerOf() caller: Caller,
  ): Promise<{ items: HistoryItem[]; nextCursor?: string }> {
    const { manager } = this.dataSource;
    if (!(await isThere(manager, id))) throw await absentCustomer(manager, id);
    const after = cursor === undefined ? 0 : versionOf(cursor);
    const found = await readHistory(manager, id, { after, limit: limit + 1 });
    const rows = found.slice(0, limit);
    const withValues = caller.scopes.has('personal-data:read');
    const items = await historyItems(manager, rows, { withValues });
    if (items.some(({ current }) => current !== undefined)) {
      const what = { access: 'export', part: 'history' } as const;
      await this.accesses.record(what, [id], caller, traceParentOf(traceparent));
    }
    const last = rows.at(-1);
    return found.length > limit && last ? { items, nextCursor: cursorAfter(last.version) } : { items };
  }
}

const cursorAfter = (version: number): string => Buffer.from(`h${version}`, 'utf8').toString('base64url');

function versionOf(cursor: string): number {
  const version = /^h([1-9]\d{0,8})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))?.[1];
  if (version !== undefined && cursorAfter(Number(version)) === cursor) return Number(version);
  throw invalid([{ pointer: '/cursor', detail: 'must be the nextCursor of an earlier page' }]);
}
