import { keepHandlerErrors, ReadinessRegistry } from '@app/service-defaults';
import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { countCommands } from './server/command.metrics.js';
import { ServerServiceBus, type ServerServiceBusOptions } from './server/server-service-bus.js';
import { serviceBusSettings } from './settings.js';

export interface ServiceBusOptions extends Omit<ServerServiceBusOptions, 'settings'> {
  queue: string;
}

/**
 * `ServerServiceBus` for a service that takes commands: import it, list the handlers as controllers, and start with
 * `strategy: (app) => app.get(ServerServiceBus)`. Reads SERVICEBUS_CONNECTION_STRING. The service is ready while the queue is
 * reached.
 */
@Module({})
export class ServiceBusModule {
  static forRoot({ queue, ...options }: ServiceBusOptions): DynamicModule {
    return {
      module: ServiceBusModule,
      imports: [DiscoveryModule],
      providers: [
        {
          provide: ServerServiceBus,
          inject: [DiscoveryService, ReadinessRegistry],
          useFactory: (discovery: DiscoveryService, readiness: ReadinessRegistry) => {
            keepHandlerErrors(discovery);
            const server = new ServerServiceBus({ ...options, settings: serviceBusSettings(queue) });
            countCommands(queue, server.events);
            readiness.register(`queue ${queue}`, () => {
              if (!server.running) throw new Error(`the queue ${queue} has not been reached`);
            });
            return server;
          },
        },
      ],
      exports: [ServerServiceBus],
    };
  }
}
