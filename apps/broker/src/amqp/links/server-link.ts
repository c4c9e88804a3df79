import type { Claims } from '../../auth/claims.js';
import type { AccessKey, Right } from '../../auth/sas-token.js';
import type { Limits } from '../../config/limits.js';
import type { Engine } from '../../engine/engine.js';
import type { Logger } from '../../logging/logger.js';
import type { AmqpError, Receiver, Sender, Session } from '../rhea.js';
import type { SendBlocks } from '../send-blocks.js';
import type { LockedTransferWriter } from '../service-bus/locked-transfer-writer.js';
import type { Held } from '../../service-bus/receiving.js';
import type { UnsettledDeliveries } from '../service-bus/unsettled.js';
import type { TransferWriter } from './transfer-writer.js';

/** A message that has arrived and waits for its outcome (§3.4): one of the two, once. */
export interface Delivery {
  accept(): void;
  reject(error: AmqpError): void;
}

/** The engine's end of a link, for as long as the link lives. */
export interface ServerLink {
  /** Takes small requests, not events. */
  readonly isRequest?: boolean;
  /** What a message may have, where that is less than anywhere. */
  readonly maxBytes?: number;
  /** Has done with a message's bytes when `received` answers. */
  readonly copies?: boolean;
  /** What the client's tokens must allow for as long as the link lives. */
  readonly needs?: { readonly right: Right; readonly address: string };
  /** A whole message arrived (client-to-engine links). `format` is 0 for a plain AMQP message. */
  received?(message: Buffer, format: number, delivery: Delivery): void;
  /** Credit, session window or room to the socket may have changed (engine-to-client links). */
  pump?(): void;
  /** Settles once what has been taken has its outcome (client-to-engine links). */
  answered?(): Promise<void>;
  /** The link is gone, for whatever reason. Called once. */
  dispose(): void;
}

/** What the links of one connection share. */
export interface LinkContext {
  readonly engine: Engine;
  readonly claims: Claims;
  readonly keys: readonly AccessKey[];
  readonly limits: Limits;
  readonly log: Logger;
  /** Shared by all connections. */
  readonly blocks: SendBlocks;
  /** A valid token was put: the connection may stay. */
  authenticated(): void;
  /** The only way to send on a link to the client. */
  writerFor(link: Sender): TransferWriter;
  /** The same for messages that the client settles. */
  lockedWriterFor(link: Sender): LockedTransferWriter;
  /** The sessions of Service Bus that links of this connection hold, by `keyOf`. */
  readonly sessions: Map<string, NonNullable<Held>>;
  /** The deliveries of a session that its client has not settled. */
  unsettledOf(session: Session): UnsettledDeliveries;
  /** Sends an answer to what came on a link: on the one that `reply-to` names, or on its counterpart. */
  reply(link: Receiver, replyTo: string | undefined, message: Buffer): void;
  /** Counts bytes on their way to the disk; above a limit the socket is not read. */
  unacknowledged(bytes: number): void;
  /** False while the client reads too slowly to be given more. */
  hasRoom(): boolean;
}
