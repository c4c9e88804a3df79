import { bootstrap } from '@app/service-defaults';
import { actAsCallers } from './history/actor.js';
import { acceptImportBodies } from './imports/stream-bodies.js';
import { serveLocalIssuer } from './local-issuer/issuer-routes.js';
import { ProfileModule } from './profile.module.js';

await bootstrap({
  name: 'profile',
  module: ProfileModule,
  portVariable: 'PROFILE_PORT',
  defaultPort: 3000,
  configure: async (app) => {
    const fastify = app.getHttpAdapter().getInstance();
    acceptImportBodies(fastify);
    actAsCallers(fastify);
    await serveLocalIssuer(app);
  },
});
