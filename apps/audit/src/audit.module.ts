import { ConsumerModule, consumerMigrations } from '@app/consumer';
import { DatabaseModule } from '@app/database';
import { Module } from '@nestjs/common';
import { AuditHandler } from './append/audit.handler.js';
import { AuditController } from './audit.controller.js';
import { CreateAudit1795305600000 } from './migrations/1795305600000-create-audit.js';

@Module({
  imports: [
    DatabaseModule.forRoot({ migrations: [...consumerMigrations, CreateAudit1795305600000] }),
    ConsumerModule.forRoot({ consumerGroup: 'audit', onReplay: 'verify' }),
  ],
  controllers: [AuditHandler, AuditController],
})
export class AuditModule {}
