import { ConsumerModule, consumerMigrations } from '@app/consumer';
import { DatabaseModule } from '@app/database';
import { Module } from '@nestjs/common';
import { SearchIndexHandler } from './indexing/search-index.handler.js';
import { VocabularySweeper } from './indexing/vocabulary-sweeper.js';
import { searchMigrations } from './migrations/index.js';
import { heldDocument } from './search/held-document.js';
import { searchRebuild } from './rebuild/search-rebuild.js';
import { SearchController } from './search/search.controller.js';
import { SearchService } from './search/search.service.js';

@Module({
  imports: [
    DatabaseModule.forRoot({ migrations: [...consumerMigrations, ...searchMigrations] }),
    ConsumerModule.forRoot({
      consumerGroup: 'search-indexer',
      synchronousCommit: false, // the stream brings back what a crash of the database takes
      onReplay: 'rebuild',
      rebuild: searchRebuild,
      personalData: heldDocument,
    }),
  ],
  controllers: [SearchIndexHandler, SearchController],
  providers: [SearchService, VocabularySweeper],
})
export class SearchIndexerModule {}
