import { countryCodes } from '@app/contracts';
import { invalid, Scopes } from '@app/service-defaults';
import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CursorError } from '../domain/cursor.js';
import { type SearchPage, SearchService } from './search.service.js';

// oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused
const plain = z.string().regex(/^[^\u0000-\u001f\u007f]*$/, 'must not contain control characters');

const query = z.strictObject({
  q: plain.max(200).default(''),
  country: z
    .string()
    .transform((code) => code.toUpperCase())
    .refine((code) => countryCodes.has(code), 'must be an ISO 3166-1 alpha-2 country code')
    .optional(),
  city: plain.trim().min(1).max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
  cursor: z.string().min(1).max(500).optional(),
});

@ApiTags('search')
@ApiBearerAuth()
@Controller('v1/search')
export class SearchController {
  constructor(private readonly search: SearchService) {}

  @Get('customers')
  @Scopes('customers:read')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Customers found by name, e-mail, telephone number, account number or address',
    description:
      'Words in any order, as beginnings or misspelt, accents or none; the best first. Without `q`, every customer that the filters leave, by id.',
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
  @ApiOkResponse({ description: '{items, nextCursor?}: each item a customer with its score from 0 to 1' })
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
