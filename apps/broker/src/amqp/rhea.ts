import { createRequire } from 'node:module';
import rhea, { type Connection, type EventContext, type Receiver, type Sender, type Session } from 'rhea';

/*
 * rhea as a server does connections, sessions, links and flow. Its typings leave out a few members that a
 * server needs; they are named here, once, as rhea 3.0 has them.
 */
export type { Connection, EventContext, Receiver, Sender, Session };

export interface AmqpError {
  readonly condition: string;
  readonly description: string;
}

/** What the engine says in its own `attach`. */
interface LocalAttach {
  max_message_size: number;
  snd_settle_mode: number;
  rcv_settle_mode: number;
  offered_capabilities: string[];
  properties: Record<string, unknown>;
}

interface LinkInternals {
  readonly local: {
    readonly attach: LocalAttach;
    readonly handle: number;
    /** Why the engine has closed the link. */
    readonly detach: { readonly error?: AmqpError | null };
  };
  readonly remote: {
    readonly attach: { desired_capabilities?: unknown; snd_settle_mode?: number; rcv_settle_mode?: number };
  };
  readonly state: { local_open: boolean; open_requests: number };
  credit: number;
  delivery_count: number;
}

interface SenderInternals extends LinkInternals {
  /** The peer wants its credit used up or given back (§2.6.7). */
  _draining: boolean;
}

interface SessionInternals {
  readonly outgoing: {
    next_delivery_id: number;
    next_pending_delivery: number;
    next_transfer_id: number;
    /** What the client's last flow said; undefined before the first. */
    remote_next_transfer_id: number;
    remote_window: number;
  };
  readonly incoming: {
    next_transfer_id: number;
    /** Up to which the last flow has opened the window. */
    readonly max_transfer_id: number;
    readonly window: number;
  };
  readonly local: { readonly channel: number };
  readonly remote: { readonly handles: Record<number, Sender | Receiver> };
  readonly links: Record<string, Sender | Receiver>;
  /** Says a flow for the session alone. */
  _write_flow(): void;
  /** Encodes and writes a performative. */
  output(performative: unknown): void;
}

/** A frame as rhea hands it to a connection. */
export interface Frame<P = Record<string, unknown>> {
  readonly channel: number;
  readonly performative: P;
}

/** A performative that rhea is about to write: its fields, in order, as rhea encodes them. */
export interface Performative {
  readonly constructor: { readonly descriptor: { readonly numeric: number } };
  readonly value: unknown[];
}

interface ConnectionInternals {
  readonly remote_channel_map: Record<number, Session>;
  readonly remote: { readonly open: { idle_time_out: number | null | undefined } };
  on_begin(frame: Frame): void;
  on_attach(frame: Frame<{ name: string; handle: number }>): void;
  on_detach(frame: Frame<{ handle: number }>): void;
  on_flow(frame: Frame): void;
  on_disposition(
    frame: Frame<{ role: boolean; first: number; last?: number | null; settled?: boolean; state?: unknown }>,
  ): void;
  _process(): void;
  /** What is to be said is said at the end of this turn. */
  _register(): void;
  /** Ends the connection when nothing was heard for twice the idle time-out. */
  readonly heartbeat_in: NodeJS.Timeout | undefined;
  /** Without a performative: an empty frame. */
  _write_frame(channel?: number, performative?: Performative, payload?: Buffer): void;
}

export const linkOf = (link: Sender | Receiver) => link as unknown as LinkInternals;
export const senderOf = (link: Sender) => link as unknown as SenderInternals;
export const sessionOf = (session: Session) => session as unknown as SessionInternals;
export const connectionOf = (connection: Connection) => connection as unknown as ConnectionInternals;

export const { types, message } = rhea;

/** §1.6.2: rhea reads the longer form of a boolean, which Python's clients write, as a number. */
const { by_code: byCode } = types as unknown as {
  by_code: Record<number, { read(bytes: Buffer, at: number): unknown }>;
};
const longBoolean = byCode[0x56];
if (longBoolean === undefined) throw new Error('this is another rhea than the one that was read');
longBoolean.read = (bytes, at) => bytes.readUInt8(at) !== 0;

const require = createRequire(import.meta.url);
/** rhea's performatives and outcomes, for what the engine says seldom. */
export const encoders = {
  ...(require('rhea/lib/frames.js') as { disposition(fields: Record<string, unknown>): unknown }),
  ...(rhea.message as unknown as Record<
    'rejected' | 'released' | 'modified',
    (fields: object) => { described(): unknown }
  > & {
    unwrap_outcome(state: unknown): Record<string, unknown>;
  }),
};

/** The SASL mechanisms Azure offers; who a client is, its token says later (§1 of the contracts). */
function saslMechanisms(): Record<string, () => { outcome?: boolean; start(): void }> {
  const anonymous = () => ({
    outcome: undefined as boolean | undefined,
    start(): void {
      this.outcome = true;
    },
  });
  return { ANONYMOUS: anonymous, MSSBCBS: anonymous };
}

export function createContainer(id: string) {
  const container = rhea.create_container({ id });
  Object.assign(container.sasl_server_mechanisms as object, saslMechanisms());
  return container;
}
