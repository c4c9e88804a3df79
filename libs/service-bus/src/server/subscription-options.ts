import type { EventEmitter } from 'node:events';
import type { ServiceBusSettings } from '../settings.js';
import type { ServiceBusEvents } from './service-bus.events.js';

export interface SubscriptionOptions {
  settings: ServiceBusSettings;
  events: EventEmitter<ServiceBusEvents>;
  /** Commands handled at the same time. */
  concurrency: number;
}
