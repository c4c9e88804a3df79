// Stands in for profile: tokens, registrations of groups, and a key for every customer, over HTTP as in real life.
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const secret = randomBytes(32);

/** The key of a customer: drawn from its id, so that a million of them take no memory. */
export const keyOf = (/** @type {string} */ customerId) =>
  createHmac('sha256', secret).update(customerId).digest();

const answers = {
  'POST /oauth/token': () => ({ access_token: 'bench', expires_in: 3600, token_type: 'Bearer' }),
  'POST /v1/personal-data-keys': ({ customerIds }) => ({
    items: customerIds.map((customerId) => ({
      customerId,
      key: { k: keyOf(customerId).toString('base64url') },
    })),
  }),
};

/** @returns {Promise<{ url: string, close(): void }>} */
export async function startKeyService() {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const answer = answers[`${request.method} ${request.url}`];
    // A registration (PUT /v1/consumer-groups/NAME) is taken and forgotten.
    const json = request.headers['content-type'] === 'application/json';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer?.(json ? JSON.parse(body) : undefined) ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}
