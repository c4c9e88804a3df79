import { type Customer, customerSchema } from '@app/contracts';
import { Answers, pageLimit, Problems, Scopes } from '@app/service-defaults';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { findCustomer } from '../customers/read-customers.sql.js';
import { idParam } from '../customers/requests.js';
import { exampleCustomer } from '../customers/responses.js';
import { judge, type Reason } from '../domain/likeness.js';
import { represented } from '../domain/representation.js';
import { absentForReading } from '../merges/merged-away.js';
import { type Candidate, findCandidates } from './find-candidates.sql.js';
import { haveSamePhone } from './same-phone.js';

const duplicatesQuery = z.strictObject({ limit: pageLimit(20) });

const duplicatesAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        id: z.uuid(),
        score: z.number().min(0).max(1),
        reasons: z.array(z.object({ reason: z.string(), similarity: z.number().optional() })),
        customer: customerSchema,
      }),
    ),
  })
  .meta({
    examples: [
      {
        items: [
          {
            id: exampleCustomer.id,
            score: 0.97,
            reasons: [{ reason: 'same-phone' }, { reason: 'similar-name', similarity: 0.8 }],
            customer: exampleCustomer,
          },
        ],
      },
    ],
  });

interface Duplicate {
  id: string;
  /** From 0 to 1. */
  score: number;
  reasons: Reason[];
  customer: Customer;
}

@ApiTags('merges')
@ApiBearerAuth()
@Controller('v1/customers')
export class DuplicatesController {
  constructor(private readonly dataSource: DataSource) {}

  @Get(':id/duplicates')
  @Scopes('customers:read')
  @ApiOperation({
    summary: 'Who is likely to be the same person, the likeliest first',
    description:
      'Same e-mail address, same telephone number in whatever form, similar name together with a similar address or the ' +
      'same birth date. The first of them, no pages: of each reason the 200 most alike are looked at.',
  })
  @Answers(200, 'The likely duplicates, with reasons.', duplicatesAnswer)
  @Problems(308, 410)
  async duplicates(
    @Param('id', { schema: idParam }) id: string,
    @Query({ schema: duplicatesQuery }) { limit }: z.infer<typeof duplicatesQuery>,
  ): Promise<{ items: Duplicate[] }> {
    const { manager } = this.dataSource;
    const customer = await findCustomer(manager, id);
    if (!customer) throw await absentForReading(manager, id, '/duplicates');
    const candidates = await findCandidates(manager, customer);
    const items = candidates.flatMap((candidate) => duplicateOf(customer, candidate) ?? []);
    items.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
    return { items: items.slice(0, limit) };
  }
}

function duplicateOf(one: Customer, { customer: other, name, address }: Candidate): Duplicate | undefined {
  const judgement = judge({
    email: one.email !== undefined && one.email.toLowerCase() === other.email?.toLowerCase(),
    phone: haveSamePhone(one, other),
    birthDate: one.birthDate && other.birthDate ? one.birthDate === other.birthDate : undefined,
    name,
    address,
  });
  return judgement && { id: other.id, ...judgement, customer: represented(other) };
}
