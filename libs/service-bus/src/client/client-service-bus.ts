import { ClientProxy, type ReadPacket } from '@nestjs/microservices';
import { v7 as uuidv7 } from 'uuid';
import type { ServiceBusSettings } from '../settings.js';
import { CommandSender } from './command-sender.js';
import { ServiceBusRecord } from './service-bus-record.js';

/**
 * Sends commands one at a time: `client.emit('SendNotification', new ServiceBusRecord(data, {messageId}))`. What must not be
 * lost with the transaction that asks for it goes through the command outbox of libs/outbox instead.
 */
export class ClientServiceBus extends ClientProxy {
  private sender: CommandSender | undefined;

  constructor(private readonly settings: ServiceBusSettings) {
    super();
    this.initializeSerializer({});
    this.initializeDeserializer({});
  }

  async connect(): Promise<CommandSender> {
    this.sender ??= new CommandSender(this.settings);
    return this.sender;
  }

  async close(): Promise<void> {
    const { sender } = this;
    this.sender = undefined;
    await sender?.close();
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the base class declares it so
  override unwrap<T>(): T {
    if (!this.sender) throw new Error('call connect() before unwrap()');
    return this.sender as T;
  }

  protected override publish(): never {
    throw new Error('a command is not answered: use emit()');
  }

  protected override async dispatchEvent<T>({ pattern, data }: ReadPacket): Promise<T> {
    if (!(data instanceof ServiceBusRecord)) throw new TypeError('emit(name, new ServiceBusRecord(data))');
    const sender = await this.connect();
    await sender.send([
      {
        messageId: uuidv7(),
        ...data.message,
        name: this.normalizePattern(pattern),
        body: JSON.stringify(data.data),
      },
    ]);
    return undefined as T;
  }
}
