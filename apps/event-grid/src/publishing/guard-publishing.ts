import { Problem } from '@app/service-defaults';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type EventGridSettings, SETTINGS } from '../environment.js';
import { isAuthorised } from './sas.js';

export const publishingPath = '/api/events';

/** Publishers have a key and no token: strangers are refused before their body is read, as everywhere. */
export function guardPublishing(app: NestFastifyApplication): void {
  const { keys } = app.get<EventGridSettings>(SETTINGS);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request) => {
      if (request.routeOptions.url !== publishingPath || request.method !== 'POST') return;
      const { 'aeg-sas-key': key, 'aeg-sas-token': token } = request.headers;
      const shown = { key: [key].flat()[0], token: [token].flat()[0] };
      if (isAuthorised(shown, keys, new Date())) return;
      throw new Problem(401, 'unauthorized', 'A valid key is required.', {
        detail: 'Show a key as aeg-sas-key, or a token as aeg-sas-token.',
        headers: { 'www-authenticate': 'Bearer realm="aeg-sas-key"' },
      });
    });
}
