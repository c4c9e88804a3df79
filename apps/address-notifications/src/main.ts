import 'reflect-metadata';
import { ConsumerServer } from '@app/consumer';
import { bootstrap } from '@app/service-defaults';
import { AddressNotificationsModule } from './address-notifications.module.js';

await bootstrap({
  name: 'address-notifications',
  module: AddressNotificationsModule,
  portVariable: 'ADDRESS_NOTIFICATIONS_PORT',
  defaultPort: 3002,
  strategy: (app) => app.get(ConsumerServer),
});
