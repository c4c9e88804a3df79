import { type ServiceBusSettings, serviceBusSettings } from '@app/service-bus';

/** The queue of the commands, see config/servicebus.json. */
export const notificationsQueue = (): ServiceBusSettings => serviceBusSettings('notifications');
