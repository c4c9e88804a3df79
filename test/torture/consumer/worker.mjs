// The consumer of effects-module.mjs as a process.
import 'reflect-metadata';
import { ConsumerServer } from '@app/consumer';
import { bootstrap } from '@app/service-defaults';
import { effectsModule } from './effects-module.mjs';

await bootstrap({
  name: 'worker',
  module: effectsModule({
    maxBatchSize: 50,
    lookIntervalMs: 200,
    ownershipExpiryMs: Number(process.env.OWNERSHIP_EXPIRY_MS),
  }),
  portVariable: 'WORKER_PORT',
  defaultPort: 0,
  strategy: (app) => app.get(ConsumerServer),
});
