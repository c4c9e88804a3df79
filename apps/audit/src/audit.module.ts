import { ConsumerModule, consumerMigrations } from '@app/consumer';
import { DatabaseModule } from '@app/database';
import { Module } from '@nestjs/common';
import { AuditHandler } from './append/audit.handler.js';
import { heldEntries } from './entries/held-entries.js';
import { AuditController } from './audit.controller.js';
import { CreateAudit1795305600000 } from './migrations/1795305600000-create-audit.js';
import { PublishHeads1795305600010 } from './migrations/1795305600010-publish-heads.js';
import { readPublication } from './publish/environment.js';
import { HeadsController } from './publish/heads.controller.js';
import { HeadsPublisher, PUBLICATION } from './publish/heads-publisher.js';

@Module({
  imports: [
    DatabaseModule.forRoot({
      migrations: [...consumerMigrations, CreateAudit1795305600000, PublishHeads1795305600010],
    }),
    ConsumerModule.forRoot({
      consumerGroup: 'audit',
      gatherMs: 100,
      onReplay: 'verify',
      personalData: heldEntries,
    }),
  ],
  controllers: [AuditHandler, AuditController, HeadsController],
  providers: [{ provide: PUBLICATION, useFactory: readPublication }, HeadsPublisher],
})
export class AuditModule {}
