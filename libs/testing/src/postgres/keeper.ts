import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresServer, startPostgres } from '@app/database/embedded';
import { freePort, portOf } from '../processes/ports.js';

/**
 * The process that keeps one PostgreSQL for a whole Jest run. `GET /` answers the superuser's connection string and
 * starts the server at the first call, so that a run of unit specs starts none.
 *
 * It ends with Jest: orderly by globalTeardown, and just so when Jest was interrupted or killed, because the IPC
 * channel closes in each case.
 */
let cluster: Promise<PostgresServer> | undefined;
const folder = await mkdtemp(join(tmpdir(), 'jest-postgres-'));

const start = async () =>
  startPostgres({ dataDir: join(folder, 'data'), port: await freePort(), password: 'only-for-this-run' });

const server = createServer((_request, response) => {
  cluster ??= start();
  cluster.then(
    (server) => response.end(server.url('postgres')),
    (error: Error) => response.writeHead(500).end(error.message),
  );
});
// A worker asks again after a while, on a connection that it kept: closing that meanwhile would fail its suite.
server.keepAliveTimeout = 0;

process.once('disconnect', () => void end());
// A terminal's or a supervisor's signal is for Jest; what it does about it reaches us as 'disconnect'.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

server.listen(0, '127.0.0.1', () => process.send?.({ url: `http://127.0.0.1:${portOf(server)}/` }));

async function end(): Promise<void> {
  await cluster?.then((server) => server.stop()).catch((error: unknown) => console.error(error));
  await rm(folder, { recursive: true, force: true });
  process.exit();
}
