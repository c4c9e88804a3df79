// The cold part of a raw connection: SASL, open, token, begin and attach are rhea's, so that only the hot frames are our
// own. `.dependency-cruiser.cjs` keeps rhea in apps/broker; test/ is the one other place that may have it, because a
// generator must not share code with what it measures.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import rhea from 'rhea';

export const MAX_FRAME_BYTES = 65_536;

/** A SAS token for everything, as the emulator's connection string gives it. */
function sasToken() {
  const resource = encodeURIComponent('sb://localhost/');
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const signature = createHmac('sha256', 'SAS_KEY_VALUE').update(`${resource}\n${expires}`).digest('base64');
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expires}&skn=RootManageSharedAccessKey`;
}

const refusal = (error) => new Error(`the engine refused: ${error?.description ?? error?.message ?? error}`);

/** Waits for an event of a link or connection, or throws what comes in its place. */
async function opened(endpoint, event, failures = ['sender_error', 'receiver_error']) {
  const failed = failures.map((name) =>
    once(endpoint, name).then(([{ error }]) => {
      throw refusal(endpoint.error ?? error ?? name);
    }),
  );
  await Promise.race([once(endpoint, event), ...failed]);
  if (endpoint.error) throw refusal(endpoint.error); // a link that is refused is attached first (§2.6.3)
}

/** A connection of rhea that has put a token, and opened nothing else. */
export async function connectWithToken(/** @type {number} */ port) {
  const connection = rhea.create_container().connect({
    host: '127.0.0.1',
    port,
    reconnect: false,
    tcp_no_delay: true,
    max_frame_size: MAX_FRAME_BYTES,
  });
  await opened(connection, 'connection_open', ['connection_error', 'disconnected']);
  const replies = connection.open_receiver({ source: '$cbs', target: { address: 'replies' } });
  const requests = connection.open_sender('$cbs');
  await Promise.all([opened(requests, 'sendable'), opened(replies, 'receiver_open')]);
  const answered = once(replies, 'message');
  requests.send({
    message_id: 'token',
    reply_to: 'replies',
    application_properties: {
      operation: 'put-token',
      type: 'servicebus.windows.net:sastoken',
      name: 'sb://localhost/',
    },
    body: sasToken(),
  });
  const [{ message }] = await answered;
  const status = message.application_properties['status-code'];
  if (status !== 202) throw new Error(`the engine answered ${status} to the token`);
  return connection;
}

/** A link by which to send, in a session of its own, as the Azure clients do it; it has credit. */
export async function attachSender(connection, /** @type {string} */ address) {
  const session = connection.create_session();
  session.begin();
  const link = session.open_sender({ target: { address } });
  await opened(link, 'sendable');
  return { session, link };
}

/**
 * A link by which to receive, without credit, in a session of its own.
 * @param {number | '@latest'} after sequence number
 */
export async function attachReceiver(connection, /** @type {string} */ address, after) {
  const session = connection.create_session();
  session.begin();
  const name = after === '@latest' ? 'offset' : 'sequence-number';
  const filter = rhea.types.wrap_described(`amqp.annotation.x-opt-${name} > '${after}'`, 0x468c00000004);
  const link = session.open_receiver({
    source: { address, filter: { 'apache.org:selector-filter:string': filter } },
    credit_window: 0,
  });
  await opened(link, 'receiver_open');
  return { session, link };
}
