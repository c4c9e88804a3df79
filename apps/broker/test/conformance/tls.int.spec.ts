import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { ConfigError } from '../../src/config/config-error.js';
import { loadTls } from '../../src/config/tls.js';
import { selfSigned, type Certificate } from '../certificates.js';
import { BrokerHarness, type Running } from '../harness.js';

const client = path.join(import.meta.dirname, 'clients/send-and-receive.mjs');

describe('TLS with a given certificate', () => {
  let harness: BrokerHarness;
  let given: Certificate;
  let other: Certificate;
  let broker: Running;
  const flags = ({ certFile, keyFile }: Certificate) => ['--tls-cert', certFile, '--tls-key', keyFile];
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    given = selfSigned(harness.folder, 'given');
    other = selfSigned(harness.folder, 'other');
    await copyFile(given.certFile, path.join(harness.folder, 'used.crt'));
    await copyFile(given.keyFile, path.join(harness.folder, 'used.key'));
    const used = {
      certFile: path.join(harness.folder, 'used.crt'),
      keyFile: path.join(harness.folder, 'used.key'),
    };
    broker = await harness.start([...flags(used)], {
      BROKER_LIMITS: 'maxConnections=6,authenticateMs=500,httpRequestMs=500',
    });
  });
  afterAll(() => harness.close());

  /** As for Azure itself: no UseDevelopmentEmulator. */
  const connectionString = () => broker.connectionString.replace('UseDevelopmentEmulator=true;', '');
  const run = async (string: string, trusted: Certificate) => {
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: trusted.certFile };
    const { stdout } = await promisify(execFile)(process.execPath, [client, string, 'orders'], { env });
    return JSON.parse(stdout) as { bodies?: unknown[]; error?: string; message?: string };
  };
  const handshake = async (options: tls.ConnectionOptions = {}) => {
    const socket = tls.connect({
      port: broker.amqpPort,
      host: '127.0.0.1',
      servername: 'localhost',
      rejectUnauthorized: false,
      ...options,
    });
    await once(socket, 'secureConnect');
    return socket;
  };
  const commonName = async (port: number) => {
    const socket = await handshake({ port });
    const name = socket.getPeerCertificate().subject.CN;
    socket.destroy();
    return name;
  };

  it('serves the unmodified client, with a connection string as Azure gives it', async () => {
    expect(await run(connectionString(), given)).toEqual({ bodies: [1, 2, 3] });
  });

  it('is not spoken to by a client that does not trust the certificate', async () => {
    expect((await run(connectionString(), other)).message).toMatch(/self-signed certificate/);
  });

  it('serves the HTTP door too', async () => {
    const socket = await handshake({ port: broker.httpPort });
    socket.end('GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toContain('Service is healthy.');
  });

  it('is TLS 1.2 at least', async () => {
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(handshake(old)).rejects.toThrow(/protocol version/);
    (await handshake({ maxVersion: 'TLSv1.2' })).destroy();
  });

  it.each(['amqpPort', 'httpPort'] as const)('hangs up on who speaks plain text (%s)', async (port) => {
    const socket = net.connect(broker[port], '127.0.0.1');
    socket.on('error', () => undefined); // a reset is an answer too
    socket.write('AMQP\0\x01\0\0');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString('latin1')).not.toContain('AMQP');
  });

  it.each(['amqpPort', 'httpPort'] as const)(
    'hangs up on who never ends the handshake (%s)',
    async (port) => {
      const socket = net.connect(broker[port], '127.0.0.1');
      socket.on('error', () => undefined); // a reset is an answer too
      socket.resume();
      await once(socket, 'connect');
      const started = performance.now();
      await once(socket, 'close');
      expect(performance.now() - started).toBeGreaterThan(400);
    },
  );

  it('hangs up on who puts no token after the handshake', async () => {
    const socket = await handshake();
    socket.on('error', () => undefined); // a reset is an answer too
    socket.resume();
    await once(socket, 'close');
  });

  it('counts connections in a handshake, and gives the place of the oldest away', async () => {
    const sockets = Array.from({ length: 6 }, () => net.connect(broker.amqpPort, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => undefined);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const ends = sockets.map((socket) => once(socket.resume(), 'close'));
    const seventh = await handshake();
    await Promise.race(ends);
    expect(broker.output.join('')).toMatch(/closed: 6 connections are open, it has no token/);
    seventh.destroy();
    await Promise.all(ends); // no handshake in time
  });

  it('takes a renewed certificate on SIGHUP, and keeps the old one where the new one is no good', async () => {
    const said = async (what: string) => {
      while (!broker.output.join('').includes(what)) await once(broker.process.stdout!, 'data');
    };
    expect(await commonName(broker.amqpPort)).toBe('given');
    await writeFile(path.join(harness.folder, 'used.crt'), 'half a certificate');
    broker.process.kill('SIGHUP');
    await said('the TLS certificate stays as it was: --tls-cert');
    expect(await commonName(broker.amqpPort)).toBe('given');
    await copyFile(other.certFile, path.join(harness.folder, 'used.crt'));
    await copyFile(other.keyFile, path.join(harness.folder, 'used.key'));
    broker.process.kill('SIGHUP');
    await said('the TLS certificate was read anew');
    expect(await commonName(broker.amqpPort)).toBe('other');
    expect(await commonName(broker.httpPort)).toBe('other');
    expect(await run(connectionString(), other)).toMatchObject({ bodies: [1, 2, 3] });
  });

  it('stops in time while a client is in the handshake', async () => {
    const socket = net.connect(broker.amqpPort, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    expect(await broker.end('SIGTERM')).toBe(0);
  });

  describe('is refused in one line at the start', () => {
    const refusal = async (...args: string[]) => {
      const child = harness.spawn(args);
      let said = '';
      child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const [code] = (await once(child, 'exit')) as [number | null];
      return { code, said: said.trim() };
    };
    it.each([
      ['without its key', () => ['--tls-cert', given.certFile], 'TLS needs both --tls-cert'],
      [
        'without the file',
        () => flags({ ...given, certFile: '/none.crt' }),
        '/none.crt: cannot be read (ENOENT)',
      ],
      ['with a key as certificate', () => flags({ ...given, certFile: given.keyFile }), 'no PEM certificate'],
      ['with a certificate as key', () => flags({ ...given, keyFile: given.certFile }), 'no PEM private key'],
      [
        'with another key',
        () => flags({ ...given, keyFile: other.keyFile }),
        'not the key of the certificate in',
      ],
    ])('%s', async (_name, args, message) => {
      const { code, said } = await refusal(...args());
      expect(code).toBe(1);
      expect(said).toContain(message);
      expect(said).not.toContain('\n');
    });

    it.each([
      ['expired', 2 * 86_400_000, /expired on/],
      ['not valid yet', -86_400_000, /not valid before/],
    ])('%s', (_name, shiftMs, message) => {
      const load = () => loadTls(given, Date.now() + shiftMs);
      expect(load).toThrow(ConfigError);
      expect(load).toThrow(message);
    });
  });
});
