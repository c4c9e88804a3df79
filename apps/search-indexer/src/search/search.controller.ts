import { countryCodes, plainText } from '@app/contracts';
import { Answers, invalid, pageLimit, Scopes } from '@app/service-defaults';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CursorError } from '../domain/cursor.js';
import { searchAnswer } from './responses.js';
import { type SearchPage, SearchService } from './search.service.js';

const query = z.strictObject({
  q: plainText(200).default(''),
  country: z
    .string()
    .transform((code) => code.toUpperCase())
    .refine((code) => countryCodes.has(code), 'must be an ISO 3166-1 alpha-2 country code')
    .optional(),
  city: plainText(100).trim().min(1).optional(),
  limit: pageLimit(20),
  cursor: plainText(500).min(1).optional(),
});

@ApiTags('search')
@ApiBearerAuth()
@Controller('v1/search')
export class SearchController {
  constructor(private readonly search: SearchService) {}

  @Get('customers')
  @Scopes('customers:read')
  @ApiOperation({
    summary: 'Customers found by name, e-mail, telephone number, account number or address',
    description:
      'Words in any order, as beginnings or misspelt, accents or none; telephone numbers in any form; the best first, with ' +
      'where each matches. Without `q`, every customer that the filters leave, by id.',
  })
  @ApiQuery({ name: 'q', required: false, example: 'jon yang rockhampton' })
  @ApiQuery({ name: 'country', required: false, example: 'AU', description: 'ISO 3166-1 alpha-2' })
  @ApiQuery({ name: 'city', required: false })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 200, default: 20 },
  })
  @ApiQuery({ name: 'cursor', required: false, description: 'The nextCursor of the page before' })
  @Answers(200, 'A page; `nextCursor` is there while there is more.', searchAnswer)
  async customers(@Query({ schema: query }) request: z.infer<typeof query>): Promise<SearchPage> {
    const { limit, cursor, ...wanted } = request;
    try {
      return await this.search.search(wanted, limit, cursor);
    } catch (error) {
      if (error instanceof CursorError) throw invalid([{ pointer: '/cursor', detail: error.message }]);
      throw error;
    }
  }
}
