import 'reflect-metadata';
import { bootstrap } from '@app/service-defaults';
import { ConsoleModule } from './console.module.js';

await bootstrap({
  name: 'console',
  module: ConsoleModule,
  portVariable: 'CONSOLE_PORT',
  defaultPort: 8080,
});
