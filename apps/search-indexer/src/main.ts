import 'reflect-metadata';
import { ConsumerServer } from '@app/consumer';
import { bootstrap } from '@app/service-defaults';
import { SearchIndexerModule } from './search-indexer.module.js';

await bootstrap({
  name: 'search-indexer',
  module: SearchIndexerModule,
  portVariable: 'SEARCH_INDEXER_PORT',
  defaultPort: 3001,
  strategy: (app) => app.get(ConsumerServer),
});
