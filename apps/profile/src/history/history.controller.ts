import { plainText } from '@app/contracts';
import { type Caller, CallerOf, invalid, pageLimit, Problems, Scopes } from '@app/service-defaults';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { idParam } from '../customers/requests.js';
import { absentCustomer } from '../erasures/absent-customer.js';
import { type ChangedValues, openHistory } from './open-history.js';
import { type HistoryRow, isThere, readHistory } from './read-history.sql.js';

const historyQuery = z.strictObject({ limit: pageLimit(50), cursor: plainText(20).optional() });

/** Who changed what when; of a merge also with whom, and with the scope for it the values before and after. */
type HistoryItem = {
  version: number;
  eventId: string;
  type: string;
  at: string;
  /** The caller's subject, or `import:` and the import's id. */
  by: string;
  changed: string[];
  role?: string;
  mergeId?: string;
  survivorId?: string;
  duplicateId?: string;
} & Partial<ChangedValues>;

@ApiTags('customers')
@ApiBearerAuth()
@Controller('v1/customers')
export class HistoryController {
  constructor(private readonly dataSource: DataSource) {}

  @Get(':id/history')
  @Scopes('customers:read')
  @ApiOperation({
    summary: 'Who changed what when, oldest first',
    description:
      'Values before and after for tokens with the scope `personal-data:read`. A merged duplicate keeps its own history.',
  })
  @Problems(410)
  async history(
    @Param('id', { schema: idParam }) id: string,
    @Query({ schema: historyQuery }) { limit, cursor }: z.infer<typeof historyQuery>,
    @CallerOf() { scopes }: Caller,
  ): Promise<{ items: HistoryItem[]; nextCursor?: string }> {
    const { manager } = this.dataSource;
    if (!(await isThere(manager, id))) throw await absentCustomer(manager, id);
    const after = cursor === undefined ? 0 : versionOf(cursor);
    const found = await readHistory(manager, id, { after, limit: limit + 1 });
    const rows = found.slice(0, limit);
    const values = scopes.has('personal-data:read') ? await openHistory(manager, rows) : [];
    const items = rows.map((row, index) => itemOf(row, values[index]));
    const last = rows.at(-1);
    return found.length > limit && last ? { items, nextCursor: cursorAfter(last.version) } : { items };
  }
}

function itemOf({ at, actor, data, ...row }: HistoryRow, values: ChangedValues | undefined): HistoryItem {
  const { personal: _sealed, changed: _changed, ...merge } = data ?? {};
  return {
    version: row.version,
    eventId: row.eventId,
    type: row.type,
    at: at.toISOString(),
    by: actor,
    changed: row.changed,
    ...merge,
    ...(row.changed.length > 0 ? values : {}),
  };
}

const cursorAfter = (version: number): string => Buffer.from(`h${version}`, 'utf8').toString('base64url');

function versionOf(cursor: string): number {
  const version = /^h([1-9]\d{0,8})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))?.[1];
  if (version !== undefined && cursorAfter(Number(version)) === cursor) return Number(version);
  throw invalid([{ pointer: '/cursor', detail: 'must be the nextCursor of an earlier page' }]);
}
