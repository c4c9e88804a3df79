import type { Address, AddressKind, Customer, CustomerInput } from '@app/contracts';
import {
  Answers,
  cursorAfter,
  IfMatch,
  IfNoneMatch,
  invalid,
  positionOf,
  Problems,
  Scopes,
  traceParentOf,
} from '@app/service-defaults';
import { Body, Controller, Delete, Get, Headers, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { entityTag, matchesWeakly } from '../domain/entity-tag.js';
import { represented } from '../domain/representation.js';
import { Idempotent, Keyed } from '../idempotency/idempotent.js';
import type { KeyedRequest } from '../idempotency/keyed-request.js';
import { answer } from './answer.js';
import { CustomersService } from './customers.service.js';
import { patched } from './patch.js';
import { checkedIfMatch, requiredIfMatch } from './preconditions.js';
import * as requests from './requests.js';
import { customerAnswer, customersAnswer } from './responses.js';

@ApiTags('customers')
@ApiBearerAuth()
@Controller('v1/customers')
export class CustomersController {
  constructor(private readonly customers: CustomersService) {}

  @Post()
  @Idempotent()
  @Scopes('customers:write')
  @ApiOperation({ summary: 'Add a customer' })
  @Answers(201, 'The customer that was made.', customerAnswer, [
    'etag',
    'event-id',
    'location',
    'idempotent-replayed',
  ])
  async create(
    @Body({ schema: requests.createBody }) input: CustomerInput,
    @Headers('traceparent') traceparent: string | undefined,
    @Keyed() keyed: KeyedRequest | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Customer> {
    return answer(await this.customers.create(input, traceParentOf(traceparent), keyed), reply);
  }

  @Get()
  @Scopes('customers:read')
  @ApiOperation({
    summary: 'Customers by id, ascending',
    description: 'New ones come at the end, so that a cursor neither skips nor repeats.',
  })
  @Answers(200, 'A page; `nextCursor` is there while there is more.', customersAnswer)
  async list(
    @Query({ schema: requests.listQuery }) query: requests.ListQuery,
  ): Promise<{ items: Customer[]; nextCursor?: string }> {
    const { cursor, limit, ...filter } = query;
    const after = cursor === undefined ? undefined : positionOf(cursor, filter);
    const found = await this.customers.list({ ...filter, after, limit: limit + 1 });
    const items = found.slice(0, limit).map(represented);
    const last = items.at(-1);
    return found.length > limit && last ? { items, nextCursor: cursorAfter(last.id, filter) } : { items };
  }

  @Get(':id')
  @Scopes('customers:read')
  @ApiOperation({ summary: 'A customer' })
  @Answers(200, 'The customer.', customerAnswer, ['etag'])
  @IfNoneMatch()
  @Problems(308, 410)
  async get(
    @Param('id', { schema: requests.idParam }) id: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Customer | undefined> {
    const customer = await this.customers.get(id);
    void reply.header('etag', entityTag(customer.version));
    if (ifNoneMatch === undefined || !matchesWeakly(ifNoneMatch, customer.version)) {
      return represented(customer);
    }
    void reply.status(304);
    return undefined;
  }

  @Put('by-account-number/:accountNumber')
  @Scopes('customers:write')
  @ApiOperation({
    summary: 'Make or replace a customer by the number of the source system',
    description: 'What is left out is taken away; consents stay as they are.',
  })
  @Answers(200, 'The customer as it is now.', customerAnswer, ['etag', 'event-id'])
  @Answers(201, 'The customer that was made.', customerAnswer, ['etag', 'event-id', 'location'])
  @IfMatch({ required: false })
  @Problems(409, 410)
  async put(
    @Param('accountNumber', { schema: requests.accountNumberParam }) accountNumber: string,
    @Body({ schema: requests.putBody })
    body: Omit<CustomerInput, 'accountNumber'> & { accountNumber?: string },
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Customer> {
    if (body.accountNumber !== undefined && body.accountNumber !== accountNumber) {
      throw invalid([{ pointer: '/accountNumber', detail: 'must be the number in the URL, or be left out' }]);
    }
    const ifMatch = headers['if-match'] === undefined ? undefined : checkedIfMatch(headers['if-match']);
    return answer(
      await this.customers.put({ ...body, accountNumber }, ifMatch, traceParentOf(headers['traceparent'])),
      reply,
    );
  }

  @Patch(':id')
  @Scopes('customers:write')
  @ApiOperation({
    summary: 'Change a customer by a merge patch',
    description: 'RFC 7396: null takes a member away. Consents have a route of their own.',
  })
  @ApiConsumes('application/json', 'application/merge-patch+json')
  @Answers(200, 'The customer as it is now.', customerAnswer, ['etag', 'event-id'])
  @IfMatch({ required: true })
  @Problems(409, 410)
  async patch(
    @Param('id', { schema: requests.idParam }) id: string,
    @Body({ schema: requests.patchBody }) patch: Record<string, unknown>,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Customer> {
    const ifMatch = requiredIfMatch(headers['if-match']);
    const change = (current: Customer) => patched(current, patch);
    return answer(
      await this.customers.change(id, ifMatch, change, traceParentOf(headers['traceparent'])),
      reply,
    );
  }

  @Put(':id/addresses/:kind')
  @Scopes('customers:write')
  @ApiOperation({ summary: 'Set an address' })
  @Answers(200, 'The customer as it is now.', customerAnswer, ['etag', 'event-id'])
  @IfMatch({ required: true })
  @Problems(409, 410)
  async putAddress(
    @Param('id', { schema: requests.idParam }) id: string,
    @Param('kind', { schema: requests.kindParam }) kind: AddressKind,
    @Body({ schema: requests.addressBody }) address: Address,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Customer> {
    const ifMatch = requiredIfMatch(headers['if-match']);
    return answer(
      await this.customers.setAddress(id, kind, address, ifMatch, traceParentOf(headers['traceparent'])),
      reply,
    );
  }

  @Delete(':id/addresses/:kind')
  @Scopes('customers:write')
  @ApiOperation({ summary: 'Take an address away' })
  @Answers(200, 'The customer as it is now.', customerAnswer, ['etag', 'event-id'])
  @IfMatch({ required: true })
  @Problems(409, 410)
  async deleteAddress(
    @Param('id', { schema: requests.idParam }) id: string,
    @Param('kind', { schema: requests.kindParam }) kind: AddressKind,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Customer> {
    const ifMatch = requiredIfMatch(headers['if-match']);
    return answer(
      await this.customers.setAddress(id, kind, undefined, ifMatch, traceParentOf(headers['traceparent'])),
      reply,
    );
  }
}
