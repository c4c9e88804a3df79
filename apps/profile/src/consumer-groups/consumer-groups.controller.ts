import { Problem, Scopes } from '@app/service-defaults';
import { Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { z } from 'zod';
import { ConsumerGroup } from './consumer-group.entity.js';

/** Event Hubs' rule for the name of a consumer group. */
const nameParam = z
  .string()
  .regex(
    /^(\$Default|[A-Za-z0-9][A-Za-z0-9._-]{0,49})$/,
    'must be a consumer group name of at most 50 characters',
  );

@ApiTags('consumer groups')
@ApiBearerAuth()
@Controller('v1/consumer-groups')
export class ConsumerGroupsController {
  constructor(@InjectRepository(ConsumerGroup) private readonly groups: Repository<ConsumerGroup>) {}

  @Get()
  @Scopes('events:read')
  async list(): Promise<{ items: ConsumerGroup[] }> {
    return { items: await this.groups.find({ order: { name: 'ASC' } }) };
  }

  /** A group says at every start that it is there; the first time counts. */
  @Put(':name')
  @Scopes('events:read')
  async register(@Param('name', { schema: nameParam }) name: string): Promise<ConsumerGroup> {
    await this.groups.createQueryBuilder().insert().values({ name }).orIgnore().execute();
    return this.groups.findOneByOrFail({ name });
  }

  /** A group that is gone for good: no erasure waits for it any longer. */
  @Delete(':name')
  @HttpCode(204)
  @Scopes('admin')
  async remove(@Param('name', { schema: nameParam }) name: string): Promise<void> {
    const { affected } = await this.groups.delete({ name });
    if (!affected) {
      throw new Problem(404, 'consumer-group-not-found', 'There is no such consumer group.', {
        detail: `No group is registered as ${name}.`,
      });
    }
  }
}
