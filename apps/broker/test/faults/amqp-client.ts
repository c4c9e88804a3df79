import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import rhea, { type Connection, type Delivery, type EventContext, type Message, type Sender } from 'rhea';
import type { Shown } from './ledger.js';

export type Outcome = 'accepted' | 'unknown' | { readonly refused: string };

/**
 * A SAS token for everything.
 * @param se when it expires, s since 1970; in an hour unless told
 */
export function sasToken(key = 'SAS_KEY_VALUE', se = Math.floor(Date.now() / 1000) + 3_600): string {
  const name = 'RootManageSharedAccessKey';
  const sr = encodeURIComponent('sb://localhost/');
  const sig = createHmac('sha256', key).update(`${sr}\n${se}`).digest('base64');
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${se}&skn=${name}`;
}

/** The put-token request for `$cbs`, whose answer goes to the link of that name. */
export const putToken = (token: string, replyTo: string, name = 'sb://localhost/'): Message => ({
  message_id: randomUUID(),
  reply_to: replyTo,
  application_properties: { operation: 'put-token', type: 'servicebus.windows.net:sastoken', name },
  body: token,
});

/**
 * A client without retries: it says at once what became of every event, also when the engine is killed in the
 * middle of it. (The Azure client waits for its operation time-out.)
 */
export class AmqpClient {
  private readonly gone: Promise<unknown>;
  private isGone = false;

  private constructor(private readonly connection: Connection) {
    const ended = ['disconnected', 'connection_close'].map(
      (event) => new Promise((resolve) => connection.once(event, resolve)),
    );
    for (const end of ended) void end.then(() => (this.isGone = true));
    this.gone = Promise.race(ended);
  }

  /** @throws Error the engine is not there, or does not take the token */
  static async connect(port: number, token = sasToken(), audience?: string): Promise<AmqpClient> {
    const container = rhea.create_container({ id: randomUUID() });
    const connection = container.connect({ host: '127.0.0.1', port, reconnect: false });
    for (const event of ['connection_error', 'session_error', 'sender_error', 'receiver_error', 'error'])
      connection.on(event, () => undefined); // 'disconnected' follows, or the operation says what failed
    const client = new AmqpClient(connection);
    await client.orGone(once(connection, 'connection_open'));
    await client.put(token, audience);
    return client;
  }

  /**
   * Opens a link to send on; answers once it has credit.
   * @throws Error the engine refused the link, or is gone
   */
  async sender(address: string): Promise<EventSender> {
    const link = this.connection.open_sender({ target: { address }, autosettle: true });
    const refused = once(link, 'sender_close').then(() => {
      throw new Error(`no link to ${address}: ${JSON.stringify(link.error)}`);
    });
    refused.catch(() => undefined); // also said when the link ends later
    await this.orGone(Promise.race([once(link, 'sendable'), refused]));
    return new EventSender(link, this.gone);
  }

  /** Everything a partition holds, from its start to its end as it is now. */
  async readAll(hub: string, partition: string): Promise<Shown[]> {
    const last = await this.lastSequenceNumber(hub, partition);
    const events: Shown[] = [];
    if (last < 0) return events;
    const address = `${hub}/ConsumerGroups/$Default/Partitions/${partition}`;
    const link = this.connection.open_receiver({ source: { address }, credit_window: 1_000 });
    const read = new Promise<void>((resolve, reject) => {
      link.on('message', ({ message }: EventContext) => {
        events.push(shown(message as Message));
        if (events.at(-1)?.sequenceNumber === last) resolve();
      });
      link.once('receiver_close', () => reject(new Error(`the reader of ${address} was closed`)));
    });
    await this.orGone(read);
    link.removeAllListeners('message');
    link.close();
    return events;
  }

  async close(): Promise<void> {
    if (this.isGone) return;
    this.connection.close();
    await this.gone;
  }

  private async put(token: string, audience: string | undefined): Promise<void> {
    const answer = await this.request('$cbs', (replyTo) => putToken(token, replyTo, audience));
    const { 'status-code': status, 'status-description': why } = answer.application_properties ?? {};
    if (status !== 202) throw new Error(`the token was refused: ${status} ${why}`);
  }

  private async lastSequenceNumber(hub: string, partition: string): Promise<number> {
    const { body } = await this.request('$management', (replyTo) => ({
      message_id: randomUUID(),
      reply_to: replyTo,
      application_properties: { operation: 'READ', type: 'com.microsoft:partition', name: hub, partition },
      body: null,
    }));
    return Number(body.last_enqueued_sequence_number);
  }

  private async request(address: string, message: (replyTo: string) => Message): Promise<Message> {
    const name = randomUUID();
    const replies = this.connection.open_receiver({ name, source: { address }, target: { address: name } });
    const requests = this.connection.open_sender({ target: { address } });
    await this.orGone(once(requests, 'sendable'));
    const answered = once(replies, 'message') as Promise<[EventContext]>;
    requests.send(message(name));
    const [{ message: reply }] = await this.orGone(answered);
    requests.close();
    replies.close();
    return reply as Message;
  }

  private async orGone<T>(step: Promise<T>): Promise<T> {
    const lost = this.gone.then(() => {
      throw new Error('the connection was lost');
    });
    lost.catch(() => undefined);
    return Promise.race([step, lost]);
  }
}

/** Sends on one link, in order. */
export class EventSender {
  private readonly waiting = new Map<Delivery, (outcome: Outcome) => void>();
  private readonly ended: Promise<string | undefined>;

  constructor(
    private readonly link: Sender,
    gone: Promise<unknown>,
  ) {
    const settle = (delivery: Delivery | undefined, outcome: Outcome) => {
      if (delivery !== undefined) this.waiting.get(delivery)?.(outcome);
    };
    link.on('accepted', ({ delivery }: EventContext) => settle(delivery, 'accepted'));
    link.on('released', ({ delivery }: EventContext) => settle(delivery, { refused: 'released' }));
    link.on('rejected', ({ delivery }: EventContext) => {
      const error = (delivery?.remote_state as { error?: { condition?: string } } | undefined)?.error;
      settle(delivery, { refused: error?.condition ?? 'no reason' });
    });
    const lost = () => {
      for (const resolve of this.waiting.values()) resolve('unknown');
    };
    const condition = () => (this.link.error as { condition?: string } | undefined)?.condition;
    this.ended = Promise.race([once(link, 'sender_close'), gone]).then(() => {
      lost();
      return condition();
    });
  }

  /** Resolves when the engine, or the end of the connection, has closed the link. */
  get closed(): Promise<string | undefined> {
    return this.ended;
  }

  /** Answers what became of it; `unknown` = the connection or the link ended first. */
  async send(body: string, message: Partial<Message> = {}): Promise<Outcome> {
    if (!this.link.is_open()) return 'unknown';
    const data = rhea.message.data_section(Buffer.from(body));
    return new Promise<Outcome>((resolve) => {
      const delivery = this.link.send({ ...message, body: data });
      this.waiting.set(delivery, (outcome) => {
        this.waiting.delete(delivery);
        resolve(outcome);
      });
    });
  }
}

function shown({ message_annotations: at = {}, body }: Message): Shown {
  return {
    offset: Number(at['x-opt-offset']),
    sequenceNumber: Number(at['x-opt-sequence-number']),
    token: (body as { content: Buffer }).content.toString(),
  };
}
