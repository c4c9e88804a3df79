import { Answers, Problems, Public } from '@app/service-defaults';
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { Clock } from '../clock/clock.js';
import { Dispatcher } from '../delivery/dispatcher.js';
import { Matcher } from '../matching/matcher.js';
import { writeDeliveries } from '../matching/write-deliveries.js';
import { publishedAnswer } from '../responses.js';
import { publishedEvents } from './published-events.js';

/** A topic of Event Grid, for events that are no facts about customers. */
@ApiTags('publishing')
@Controller('api/events')
export class PublishController {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly matcher: Matcher,
    private readonly dispatcher: Dispatcher,
    private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(200)
  @Public()
  @ApiOperation({
    summary:
      'Takes events as the unmodified @azure/eventgrid publisher sends them, for the same subscriptions',
    description: 'The answer says that what somebody wants of them is stored. They do not go to the stream.',
  })
  @ApiHeader({ name: 'aeg-sas-key', required: false, description: 'A key; or show aeg-sas-token.' })
  @ApiQuery({ name: 'api-version', required: false, example: '2018-01-01' })
  @ApiConsumes('application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json')
  @ApiBody({
    schema: {
      oneOf: [{ type: 'object' }, { type: 'array', items: { type: 'object' } }],
      example: { specversion: '1.0', id: '17', source: '/shop', type: 'OrderPlaced', data: { total: 12 } },
    },
  })
  @Answers(200, 'Taken', publishedAnswer)
  @Problems(401)
  async publish(@Body() body: unknown): Promise<object> {
    const events = publishedEvents(body);
    const matches = await this.matcher.match(this.database, events);
    await writeDeliveries(this.database, matches, this.clock.now());
    this.dispatcher.wake();
    return {};
  }
}
