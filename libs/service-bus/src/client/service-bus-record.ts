import type { OutgoingCommand } from './command.js';

/** What `ClientServiceBus.emit(name, …)` takes: the command's data, and what its message carries besides. */
export class ServiceBusRecord<Data = unknown> {
  constructor(
    readonly data: Data,
    /** Without a `messageId` the command has a new one, and is another command each time it is sent. */
    readonly message: Partial<Pick<OutgoingCommand, 'messageId' | 'correlationId' | 'traceparent'>> = {},
  ) {}
}
