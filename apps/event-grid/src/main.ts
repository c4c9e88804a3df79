import 'reflect-metadata';
import { ConsumerServer } from '@app/consumer';
import { bootstrap } from '@app/service-defaults';
import { EventGridModule } from './event-grid.module.js';
import { guardPublishing } from './publishing/guard-publishing.js';

await bootstrap({
  name: 'event-grid',
  module: EventGridModule,
  portVariable: 'EVENT_GRID_PORT',
  defaultPort: 3004,
  strategy: (app) => app.get(ConsumerServer),
  configure: guardPublishing,
  bodyTypes: ['application/cloudevents+json', 'application/cloudevents-batch+json'],
});
