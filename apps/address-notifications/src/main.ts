import 'reflect-metadata';
import { bootstrap } from '@app/service-defaults';
import { AddressNotificationsModule, transportsOf } from './address-notifications.module.js';
import { roleOfThisProcess } from './role.js';

await bootstrap({
  name: 'address-notifications',
  // Read while it starts, which tells of a wrong setting in one line.
  get module() {
    return AddressNotificationsModule.forRole(roleOfThisProcess());
  },
  portVariable: 'ADDRESS_NOTIFICATIONS_PORT',
  defaultPort: 3002,
  strategy: (app) => transportsOf(roleOfThisProcess()).map((transport) => app.get(transport)),
});
