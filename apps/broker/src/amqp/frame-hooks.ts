import type { Limits } from '../config/limits.js';
import { connectionOf, sessionOf, type Connection, type Session } from './rhea.js';
import type { Disposition } from './service-bus/unsettled.js';
import { writeWholePerformatives } from './whole-performatives.js';

export interface FrameHooks {
  readonly limits: Limits;
  /** Whether there is room for another session beside those that are open. */
  mayBegin(open: number): boolean;
  /** Whether there is room for another link. */
  mayAttach(): boolean;
  /** After rhea has taken a flow. */
  flow(session: Session | undefined): void;
  /** What the client says about deliveries that the engine has sent unsettled. */
  disposition(session: Session, disposition: Disposition): void;
  /** rhea threw where nobody would have caught it. */
  broken(error: Error): void;
}

/**
 * Puts the engine's checks in front of what rhea does with a frame. An error thrown here ends the connection
 * the way rhea ends it for its own. Transfers never come here: see `incoming-transfers.ts`.
 */
export function hookFrames(connection: Connection, hooks: FrameHooks): void {
  const inner = connectionOf(connection);
  writeWholePerformatives(connection);
  const begin = inner.on_begin.bind(inner);
  const attach = inner.on_attach.bind(inner);
  const detach = inner.on_detach.bind(inner);
  const flow = inner.on_flow.bind(inner);
  const process = inner._process.bind(inner);

  inner.on_begin = (frame) => {
    // rhea would put the new session in the old one's place (§2.5.1).
    if (inner.remote_channel_map[frame.channel] !== undefined) throw new Error('the channel is in use');
    if (!hooks.mayBegin(Object.keys(inner.remote_channel_map).length)) throw new Error('too many sessions');
    begin(frame);
  };
  inner.on_attach = (frame) => {
    const session = inner.remote_channel_map[frame.channel];
    const { name, handle } = frame.performative;
    if (session !== undefined && sessionOf(session).remote.handles[handle] !== undefined) {
      throw new Error('the handle is in use');
    }
    // rhea keeps links in plain objects.
    if (name in Object.prototype) throw new Error('no name for a link');
    if (!hooks.mayAttach()) throw new Error('too many links');
    attach(frame);
  };
  inner.on_detach = (frame) => {
    const session = inner.remote_channel_map[frame.channel];
    // Azure's Python client detaches links of a session that it has ended already: nothing is left to detach.
    if (session === undefined) return;
    detach(frame);
    // §2.6.4: the handle is free again; rhea would keep the link under it for as long as the session lives.
    delete sessionOf(session).remote.handles[frame.performative.handle];
  };
  inner.on_flow = (frame) => {
    flow(frame);
    hooks.flow(inner.remote_channel_map[frame.channel]);
  };
  // rhea would walk through the whole range of ids that a disposition claims; the engine keeps what it has sent
  // unsettled itself. What a client sends is settled by the engine: what it says about that changes nothing.
  inner.on_disposition = ({ channel, performative }) => {
    const session = inner.remote_channel_map[channel];
    const { role, first, last, settled, state } = performative;
    if (session === undefined || !role) return;
    hooks.disposition(session, { first, last: last ?? first, settled: settled === true, state });
  };
  // rhea calls this from a tick of its own, where an exception would end the process.
  inner._process = () => {
    try {
      process();
    } catch (error) {
      hooks.broken(error as Error);
    }
  };
}
