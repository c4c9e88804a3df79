import { Answers, type Caller, CallerOf, Problem, Problems, Scopes } from '@app/service-defaults';
import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ActLog } from '../acts/act-log.js';
import { Idempotent, Keyed } from '../idempotency/idempotent.js';
import type { KeyedRequest } from '../idempotency/keyed-request.js';
import { begunAnswer, type Republish, RepublishStore } from './republish-store.js';
import { RepublishWorker } from './republish-worker.js';

const body = z
  .strictObject({
    /** Only customers that have changed since then. */
    changedSince: z.iso
      .datetime({ offset: true, error: 'must be an RFC 3339 time with an offset' })
      .optional(),
  })
  .default({})
  .meta({ examples: [{ changedSince: '2026-01-31T09:30:00Z' }] });
const republishAnswer = z
  .strictObject({
    id: z.uuid(),
    status: z.enum(['running', 'completed']),
    changedSince: z.iso.datetime().nullable(),
    events: z.int().describe('Written so far, one a customer.'),
    createdAt: z.iso.datetime(),
    completedAt: z.iso.datetime().nullable(),
  })
  .meta({
    examples: [
      {
        id: '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a20',
        status: 'running',
        changedSince: null,
        events: 4_500,
        createdAt: '2026-01-31T09:30:00.000Z',
        completedAt: null,
      },
    ],
  });
const idParam = z.uuid('the id must be a UUID').toLowerCase();

/** Tells of every customer as it is now, for a consumer group that begins after retention has passed. */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('v1/admin/republish')
@Scopes('admin')
export class RepublishController {
  constructor(
    private readonly store: RepublishStore,
    private readonly worker: RepublishWorker,
    private readonly acts: ActLog,
  ) {}

  @Post()
  @Idempotent()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Emit the current state of every customer, or of those changed since a time',
    description: 'In the background, one CustomerAdded a customer, marked by the attribute `republished`.',
  })
  @Answers(202, 'The republication that begins.', republishAnswer, ['location', 'idempotent-replayed'])
  @Problems(409)
  async begin(
    @Body({ schema: body }) wanted: z.infer<typeof body>,
    @CallerOf() { subject: actor }: Caller,
    @Keyed() keyed: KeyedRequest | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Republish> {
    const act = { act: 'republish', actor, subject: 'republications', details: wanted };
    const changedSince = wanted.changedSince === undefined ? undefined : new Date(wanted.changedSince);
    const begun = await this.acts.during(act, async (manager) => {
      const one = await this.store.begin(manager, changedSince, keyed);
      if (one) return one;
      throw new Problem(409, 'republish-running', 'A republication is under way.', {
        detail: `Wait for ${(await this.store.running()) ?? 'it'} to be completed.`,
      });
    });
    this.worker.wake();
    const { headers, body: answer } = begunAnswer(begun);
    void reply.headers(headers);
    return answer;
  }

  @Get(':id')
  @ApiOperation({ summary: 'How far a republication is' })
  @Answers(200, 'The republication.', republishAnswer)
  async status(@Param('id', { schema: idParam }) id: string): Promise<Republish> {
    const found = await this.store.find(id);
    if (found) return found;
    throw new Problem(404, 'republish-not-found', 'There is no such republication.', {
      detail: `None has the id ${id}.`,
    });
  }
}
