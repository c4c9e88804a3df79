import { once } from 'node:events';
import type { Socket } from 'node:net';
import { consumerUrlsEnvironment, loadEnv } from '@app/service-defaults';
import { lead } from './lead.js';

/**
 * The ports of the consumers, in one place, however many of each run: in compose a host's port belongs to one container
 * only. HOST (127.0.0.1); CONSUMER_URLS says which ports, and where each leads.
 */
if (!process.env['CONSUMER_URLS']) {
  console.error('set CONSUMER_URLS: name=http://host:port,name=http://host:port');
  process.exit(64);
}
const { HOST = '127.0.0.1' } = process.env;
const consumers = [...loadEnv(consumerUrlsEnvironment).CONSUMER_URLS.values()];
const connections = new Set<Socket>();

const servers = consumers.map(({ hostname, port }) => {
  const server = lead({ host: hostname, port: Number(port || 80) });
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.listen(Number(port || 80), HOST);
  return server;
});
await Promise.all(servers.map((server) => once(server, 'listening')));
console.log(
  JSON.stringify({ level: 'log', message: `ready: ${consumers.map(({ host }) => host).join(', ')}` }),
);

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    for (const server of servers) server.close();
    for (const socket of connections) socket.destroy();
  });
