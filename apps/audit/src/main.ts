import 'reflect-metadata';
import { ConsumerServer } from '@app/consumer';
import { bootstrap } from '@app/service-defaults';
import { AuditModule } from './audit.module.js';

await bootstrap({
  name: 'audit',
  module: AuditModule,
  portVariable: 'AUDIT_PORT',
  defaultPort: 3003,
  strategy: (app) => app.get(ConsumerServer),
});
