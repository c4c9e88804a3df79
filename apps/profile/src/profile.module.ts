import { DatabaseModule } from '@app/database';
import { OutboxModule, OutboxTables1700000000300 } from '@app/outbox';
import { consumerUrlsEnvironment, loadEnv } from '@app/service-defaults';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BulkExportController } from './bulk-export/bulk-export.controller.js';
import { BulkExportService } from './bulk-export/bulk-export.service.js';
import { ConsumerGroup } from './consumer-groups/consumer-group.entity.js';
import { ConsumerGroupsController } from './consumer-groups/consumer-groups.controller.js';
import { ConsentsController } from './consents/consents.controller.js';
import { CustomersController } from './customers/customers.controller.js';
import { CustomerWriter } from './customers/write-customers.sql.js';
import { CustomersService } from './customers/customers.service.js';
import { ErasuresController } from './erasures/erasures.controller.js';
import { ErasuresService } from './erasures/erasures.service.js';
import { IdempotencySweeper } from './idempotency/idempotency-sweeper.js';
import { ConsumerDataClient } from './export/consumer-data.client.js';
import { ExportsController } from './export/exports.controller.js';
import { CONSUMERS, ExportsService } from './export/exports.service.js';
import { Import } from './imports/import.entity.js';
import { ImportRunner } from './imports/import-runner.js';
import { ImportStore } from './imports/import-store.js';
import { ImportWorker } from './imports/import-worker.js';
import { ImportsController } from './imports/imports.controller.js';
import { Customer1790000000000 } from './migrations/1790000000000-customer.js';
import { Erasure1790000000020 } from './migrations/1790000000020-erasure.js';
import { Import1790000000001 } from './migrations/1790000000001-import.js';
import { ImportOptions1790000000060 } from './migrations/1790000000060-import-options.js';
import { ActLog } from './acts/act-log.js';
import { AccessLog } from './personal-data/access-log.js';
import { PersonalDataKeysController } from './personal-data/personal-data-keys.controller.js';
import { Idempotency1790000000040 } from './migrations/1790000000040-idempotency.js';
import { HistoryController } from './history/history.controller.js';
import { History1790000000050 } from './migrations/1790000000050-history.js';
import { MergesController } from './merges/merges.controller.js';
import { MergesService } from './merges/merges.service.js';
import { DuplicatesController } from './duplicates/duplicates.controller.js';
import { Duplicates1790000000070 } from './migrations/1790000000070-duplicates.js';
import { GroupClient1790000000080 } from './migrations/1790000000080-group-client.js';
import { IdempotentPosts1790000000090 } from './migrations/1790000000090-idempotent-posts.js';
import { ImportTrace1790000000100 } from './migrations/1790000000100-import-trace.js';
import { ImportSaid1790000000110 } from './migrations/1790000000110-import-said.js';
import { Merge1790000000030 } from './migrations/1790000000030-merge.js';
import { Republish1790000000010 } from './migrations/1790000000010-republish.js';
import { RepublishController } from './republish/republish.controller.js';
import { RepublishStore } from './republish/republish-store.js';
import { RepublishWorker } from './republish/republish-worker.js';
import { AsyncApiController } from './schemas/async-api.controller.js';
import { SchemasController } from './schemas/schemas.controller.js';

@Module({
  imports: [
    DatabaseModule.forRoot({
      entities: [ConsumerGroup, Import],
      migrations: [
        OutboxTables1700000000300,
        Customer1790000000000,
        Import1790000000001,
        Republish1790000000010,
        Erasure1790000000020,
        Idempotency1790000000040,
        Merge1790000000030,
        History1790000000050,
        ImportOptions1790000000060,
        Duplicates1790000000070,
        GroupClient1790000000080,
        IdempotentPosts1790000000090,
        ImportTrace1790000000100,
        ImportSaid1790000000110,
      ],
      poolSize: 20,
    }),
    TypeOrmModule.forFeature([ConsumerGroup, Import]),
    OutboxModule.forRoot(),
  ],
  controllers: [
    CustomersController,
    PersonalDataKeysController,
    ConsumerGroupsController,
    ErasuresController,
    ConsentsController,
    ExportsController,
    BulkExportController,
    ImportsController,
    AsyncApiController,
    SchemasController,
    RepublishController,
    MergesController,
    HistoryController,
    DuplicatesController,
  ],
  providers: [
    CustomersService,
    CustomerWriter,
    ErasuresService,
    IdempotencySweeper,
    AccessLog,
    ActLog,
    ConsumerDataClient,
    ExportsService,
    BulkExportService,
    { provide: CONSUMERS, useFactory: () => loadEnv(consumerUrlsEnvironment).CONSUMER_URLS },
    ImportStore,
    ImportRunner,
    ImportWorker,
    RepublishStore,
    RepublishWorker,
    MergesService,
  ],
})
export class ProfileModule {}
