import { Problem, Scopes } from '@app/service-defaults';
import { Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { releaseGroup } from '../erasures/erasure-groups.sql.js';
import { ConsumerGroup } from './consumer-group.entity.js';
import { groupName } from './group-name.js';

@ApiTags('consumer groups')
@ApiBearerAuth()
@Controller('v1/consumer-groups')
export class ConsumerGroupsController {
  constructor(@InjectRepository(ConsumerGroup) private readonly groups: Repository<ConsumerGroup>) {}

  @Get()
  @Scopes('events:read')
  @ApiOperation({ summary: 'Consumer groups that are registered' })
  async list(): Promise<{ items: ConsumerGroup[] }> {
    return { items: await this.groups.find({ order: { name: 'ASC' } }) };
  }

  /** A group says at every start that it is there; the first time counts. */
  @Put(':name')
  @Scopes('events:read')
  @ApiOperation({ summary: 'Register a consumer group, as its service does at every start' })
  async register(@Param('name', { schema: groupName }) name: string): Promise<ConsumerGroup> {
    await this.groups.createQueryBuilder().insert().values({ name }).orIgnore().execute();
    return this.groups.findOneByOrFail({ name });
  }

  /** A group that is gone for good: no erasure waits for it any longer. */
  @Delete(':name')
  @HttpCode(204)
  @Scopes('admin')
  @ApiOperation({ summary: 'Take a consumer group off: no erasure waits for it any longer' })
  async remove(@Param('name', { schema: groupName }) name: string): Promise<void> {
    const removed = await this.groups.manager.transaction(async (manager) => {
      const { affected } = await manager.delete(ConsumerGroup, { name });
      if (affected) await releaseGroup(manager, name);
      return affected;
    });
    if (!removed) {
      throw new Problem(404, 'consumer-group-not-found', 'There is no such consumer group.', {
        detail: `No group is registered as ${name}.`,
      });
    }
  }
}
