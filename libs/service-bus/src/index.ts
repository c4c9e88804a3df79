// The NestJS transport for commands, over @azure/service-bus, comes here.
