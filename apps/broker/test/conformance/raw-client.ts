import { once } from 'node:events';
import { createSasTokenProvider } from '@azure/core-amqp';
import rhea, { type Connection, type EventContext, type Message, type Receiver, type Sender } from 'rhea';

/** A SAS token of the root policy, unless told. */
export async function sasToken(
  resource: string,
  name = 'RootManageSharedAccessKey',
  key = 'SAS_KEY_VALUE',
): Promise<string> {
  const provider = createSasTokenProvider({ sharedAccessKeyName: name, sharedAccessKey: key });
  return (await (provider.getToken(resource) as Promise<{ token: string }>)).token;
}

/** AMQP as rhea speaks it, without Azure's client: for what that client does not show. */
export class RawClient {
  private constructor(readonly connection: Connection) {}

  static async connect(port: number, options: object = {}): Promise<RawClient> {
    const container = rhea.create_container();
    const connection = container.connect({ port, host: '127.0.0.1', reconnect: false, ...options });
    connection.on('connection_error', () => undefined); // a test that expects one looks at its links
    await once(connection, 'connection_open');
    return new RawClient(connection);
  }

  /** What the engine said at `open`. */
  get remoteOpen(): Record<string, unknown> {
    return (this.connection as unknown as { remote: { open: Record<string, unknown> } }).remote.open;
  }

  /** A request and its answer over two links of a session of their own, as Azure's clients do it. */
  async request(address: string, message: Message): Promise<Message> {
    const session = this.connection.create_session();
    session.open();
    const replyTo = `reply-${Math.random()}`;
    const receiver = session.open_receiver({ name: replyTo, source: address, target: 'anywhere' });
    await once(receiver, 'receiver_open');
    const sender = session.open_sender({ target: address });
    await once(sender, 'sendable');
    const answered = once(receiver, 'message') as Promise<[EventContext]>;
    sender.send({ message_id: 'question', reply_to: replyTo, ...message });
    const [{ message: answer }] = await answered;
    session.close();
    return answer as Message;
  }

  putToken(audience: string, token: string): Promise<Message> {
    const type = 'servicebus.windows.net:sastoken';
    return this.request('$cbs', {
      application_properties: { operation: 'put-token', name: audience, type },
      body: token,
    });
  }

  /** Everything may be done from now on. */
  async authenticate(): Promise<this> {
    await this.putToken('sb://localhost/', await sasToken('sb://localhost/'));
    return this;
  }

  async sender(address: string): Promise<Sender> {
    const sender = this.connection.create_session();
    sender.open();
    const link = sender.open_sender({ target: address });
    await once(link, 'sendable');
    return link;
  }

  /** Opens a receiver without credit. */
  async receiver(address: string, options: object = {}): Promise<Receiver> {
    const session = this.connection.create_session();
    session.open();
    const link = session.open_receiver({
      source: address,
      credit_window: 0,
      autoaccept: false,
      ...options,
    });
    await once(link, 'receiver_open');
    return link;
  }

  close(): void {
    this.connection.on('disconnected', () => undefined);
    this.connection.close();
  }
}

/** The next so many deliveries of a link. */
export function deliveries(link: Receiver, count: number): Promise<EventContext[]> {
  return new Promise((resolve) => {
    const found: EventContext[] = [];
    link.on('message', (context: EventContext) => {
      if (found.push(context) === count) resolve(found);
    });
  });
}

/** The described value of a receiver's selector filter. */
export const selector = (text: string): object => ({
  'apache.org:selector-filter:string': rhea.types.wrap_described(text, 0x468c00000004),
});
