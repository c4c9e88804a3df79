import { loadEnv, Problem, sendProblem, serviceEnvironment } from '@app/service-defaults';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance } from 'fastify';
import { z } from 'zod';
import { LocalIssuer } from './local-issuer.js';

const environment = serviceEnvironment.extend({
  /** Where the local issuer's key and clients lie; not set where another issuer serves (AUTH_JWKS_URL). */
  SECRETS_DIR: z.string().optional(),
});

const tokenRequest = z.object({
  grant_type: z.literal('client_credentials'),
  client_id: z.string(),
  client_secret: z.string(),
  scope: z.string().optional(),
});

/** `/.well-known/jwks.json` and `/oauth/token`, outside Nest because OAuth speaks forms, which nothing else here does. */
export async function serveLocalIssuer(app: NestFastifyApplication): Promise<void> {
  const env = loadEnv(environment);
  if (!env.SECRETS_DIR) return;
  const issuer = await LocalIssuer.load(env.SECRETS_DIR, {
    issuer: env.AUTH_ISSUER,
    audience: env.AUTH_AUDIENCE,
  });
  await app.getHttpAdapter().getInstance().register(routes(issuer));
}

const routes =
  (issuer: LocalIssuer) =>
  (scope: FastifyInstance, _options: unknown, done: () => void): void => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      (_request, body, parsed) => {
        parsed(null, Object.fromEntries(new URLSearchParams(String(body))));
      },
    );
    // Nest's filter sees nothing of these routes. Of a body that is too large or no form: an error as OAuth words it (RFC 6749 §5.2).
    scope.setErrorHandler((error: Partial<FastifyError>, _request, reply) => {
      if (error instanceof Problem) return sendProblem(reply.headers(error.headers), error.document);
      if (!error.code?.startsWith('FST_ERR_CTP')) throw error;
      return reply.status(error.statusCode ?? 400).send({ error: 'invalid_request' });
    });
    scope.get('/.well-known/jwks.json', (_request, reply) =>
      reply.header('cache-control', 'max-age=300').send(issuer.jwks()),
    );
    scope.post('/oauth/token', async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      const asked = tokenRequest.safeParse(request.body);
      if (!asked.success) return reply.status(400).send({ error: 'invalid_request' });
      const token = await issuer.token(asked.data.client_id, asked.data.client_secret, asked.data.scope);
      return token ?? reply.status(401).send({ error: 'invalid_client' });
    });
    done();
  };
