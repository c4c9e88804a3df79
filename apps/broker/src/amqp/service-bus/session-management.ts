import { renewSession } from '../../service-bus/holding.js';
import { badRequest } from '../../service-bus/errors.js';
import type { Answer } from '../links/request-response.js';
import { types } from '../rhea.js';
import { count, heldIn, wanted, type Body, type Target } from './management.js';

const STR8 = 0xa1;
const MAX_STATE_BYTES = 256 * 1024;

const held = (target: Target, body: Body) => {
  const found = heldIn(target, body);
  if (found === undefined) throw badRequest('the entity has no sessions');
  return found;
};
const ok = (body: Record<string, unknown> = {}): Answer => ({ status: 200, description: 'OK', body });

/** §3 of Azure's contracts: what `<entity>/$management` does with sessions that the same client holds. */
export const sessionOperations: Readonly<Record<string, (target: Target, body: Body) => Promise<Answer>>> = {
  'com.microsoft:renew-session-lock': async (target, body) => {
    const until = renewSession(target.bus, wanted(target.queue), held(target, body));
    return ok({ expiration: types.wrap_timestamp(until) });
  },

  'com.microsoft:get-session-state': async (target, body) => {
    const { state } = held(target, body).session;
    return ok({ 'session-state': state === null ? null : types.wrap_binary(Buffer.from(state, 'base64')) });
  },

  'com.microsoft:set-session-state': async (target, body) => {
    const { session } = held(target, body);
    const state = body['session-state'] ?? null;
    if (state !== null && !(Buffer.isBuffer(state) && state.length <= MAX_STATE_BYTES))
      throw badRequest(`a session's state is binary, at most ${MAX_STATE_BYTES} bytes, or null`);
    const operation = {
      op: 'session' as const,
      e: wanted(target.queue).id,
      id: session.id,
      state: state?.toString('base64') ?? null,
    };
    await target.bus.commitFact(operation);
    return ok();
  },

  'com.microsoft:get-message-sessions': async ({ queue }, body) => {
    const skip = count(body['skip'] ?? 0, 'skip');
    const top = count(body['top'], 'top');
    const ids: string[] = [];
    for (const { id, count, state } of wanted(queue).sessions.all)
      if (count > 0 || state !== null) ids.push(id);
    const page = ids.sort().slice(skip, skip + top);
    if (page.length === 0) return { status: 204, description: 'No Content' };
    return ok({
      skip: types.wrap_int(skip + page.length),
      'sessions-ids': types.wrap_array(page, STR8, undefined),
    });
  },
};
