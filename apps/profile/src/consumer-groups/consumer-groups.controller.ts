import { Answers, type Caller, CallerOf, Problem, Scopes } from '@app/service-defaults';
import { Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ActLog } from '../acts/act-log.js';
import { releaseGroup } from '../erasures/erasure-groups.sql.js';
import { ConsumerGroup } from './consumer-group.entity.js';
import { groupName } from './group-name.js';
import { groupAnswer, groupsAnswer } from './responses.js';

@ApiTags('consumer groups')
@ApiBearerAuth()
@Controller('v1/consumer-groups')
export class ConsumerGroupsController {
  constructor(
    @InjectRepository(ConsumerGroup) private readonly groups: Repository<ConsumerGroup>,
    private readonly acts: ActLog,
  ) {}

  @Get()
  @Scopes('events:read')
  @ApiOperation({ summary: 'Consumer groups that are registered' })
  @Answers(200, 'All of them.', groupsAnswer)
  async list(): Promise<{ items: ConsumerGroup[] }> {
    return { items: await this.groups.find({ order: { name: 'ASC' } }) };
  }

  /** A group says at every start that it is there; the first time counts. */
  @Put(':name')
  @Scopes('events:read')
  @ApiOperation({
    summary: 'Register a consumer group, as its service does at every start',
    description:
      'From then on it is the caller’s: the client of that token confirms erasures for it, and no other.',
  })
  @Answers(200, 'The group, as it was registered first.', groupAnswer)
  async register(
    @Param('name', { schema: groupName }) name: string,
    @CallerOf() { client }: Caller,
  ): Promise<ConsumerGroup> {
    await this.groups.query(
      `INSERT INTO consumer_group (name, client) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET client = excluded.client WHERE consumer_group.client IS NULL`,
      [name, client],
    );
    return this.groups.findOneByOrFail({ name });
  }

  /** A group that is gone for good: no erasure waits for it any longer. */
  @Delete(':name')
  @HttpCode(204)
  @Scopes('admin')
  @ApiOperation({ summary: 'Take a consumer group off: no erasure waits for it any longer' })
  @Answers(204, 'It is taken off.')
  async remove(
    @Param('name', { schema: groupName }) name: string,
    @CallerOf() { subject: actor }: Caller,
  ): Promise<void> {
    const act = { act: 'remove-consumer-group', actor, subject: `consumer-groups/${name}` };
    await this.acts.during(act, async (manager) => {
      const { affected } = await manager.delete(ConsumerGroup, { name });
      if (affected) return releaseGroup(manager, name);
      throw new Problem(404, 'consumer-group-not-found', 'There is no such consumer group.', {
        detail: `No group is registered as ${name}.`,
      });
    });
  }
}
