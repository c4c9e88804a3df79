import { queryPrepared } from '@app/database';
import { Answers, type Caller, CallerOf, Problem, Problems, Scopes } from '@app/service-defaults';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { AccessLog } from './access-log.js';

const exampleId = '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b';

const keysBody = z
  .strictObject({ customerIds: z.array(z.uuid().toLowerCase()).min(1).max(1000) })
  .meta({ examples: [{ customerIds: [exampleId] }] });

const keysAnswer = z
  .strictObject({
    items: z.array(
      z.union([
        z.strictObject({
          customerId: z.uuid(),
          key: z
            .strictObject({ kty: z.literal('oct'), alg: z.literal('A256GCM'), kid: z.uuid(), k: z.string() })
            .describe('A symmetric JWK (RFC 7517, RFC 7518 §6.4).'),
        }),
        z.strictObject({ customerId: z.uuid(), erased: z.literal(true) }),
      ]),
    ),
  })
  .meta({ examples: [{ items: [{ customerId: exampleId, erased: true }] }] });

/** A symmetric JWK (RFC 7517, RFC 7518 §6.4); its `kid` is the one in the sealed text. */
interface KeyItem {
  customerId: string;
  key: { kty: 'oct'; alg: 'A256GCM'; kid: string; k: string };
}

/** The key was destroyed: the one thing that means erased. */
interface Tombstone {
  customerId: string;
  erased: true;
}

const findKeys = {
  name: 'profile_find_keys',
  text: 'SELECT customer_id, key FROM personal_data_key WHERE customer_id = ANY ($1)',
};

interface KeyRow {
  customer_id: string;
  key: Buffer | null;
}

@ApiTags('personal data')
@ApiBearerAuth()
@Controller('v1/personal-data-keys')
export class PersonalDataKeysController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly accesses: AccessLog,
  ) {}

  /**
   * An id we do not know is an error, never a tombstone: a lost key table must not look like mass erasure. A person who
   * asks leaves an entry in the audit for each key; services ask all the time.
   */
  @Post()
  @HttpCode(200)
  @Scopes('personal-data:read')
  @ApiOperation({ summary: 'The keys that personal data is sealed under' })
  @Answers(200, 'A key each, or the tombstone of who was erased.', keysAnswer)
  @Problems(404)
  async keys(
    @Body({ schema: keysBody }) { customerIds }: z.infer<typeof keysBody>,
    @CallerOf() caller: Caller,
  ): Promise<{ items: (KeyItem | Tombstone)[] }> {
    const rows = await queryPrepared<KeyRow>(this.dataSource.manager, findKeys, [customerIds]);
    const found = new Map(rows.map((row) => [row.customer_id, row.key]));
    const unknown = customerIds.flatMap((id, index) =>
      found.has(id) ? [] : [{ pointer: `/customerIds/${index}`, detail: `No customer has the id ${id}.` }],
    );
    if (unknown.length > 0) {
      throw new Problem(404, 'customer-not-found', 'There is no such customer.', { errors: unknown });
    }
    const handedOver = customerIds.filter((id) => found.get(id) !== null);
    if (!caller.isService) await this.accesses.record({ access: 'key' }, [...new Set(handedOver)], caller);
    return { items: customerIds.map((id) => itemOf(id, found.get(id) ?? null)) };
  }
}

function itemOf(customerId: string, key: Buffer | null): KeyItem | Tombstone {
  if (key === null) return { customerId, erased: true };
  return { customerId, key: { kty: 'oct', alg: 'A256GCM', kid: customerId, k: key.toString('base64url') } };
}
