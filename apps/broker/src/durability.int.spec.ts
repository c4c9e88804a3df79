import { once } from 'node:events';
import { appendFile, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { earliestEventPosition } from '@azure/event-hubs';
import { eventually } from '@app/testing';
import { BrokerHarness, Reading, type Running } from '../test/harness.js';

describe('the engine', () => {
  let harness: BrokerHarness;
  beforeEach(async () => {
    harness = await BrokerHarness.create();
  });
  afterEach(() => harness.close());

  const partitionFolder = (id: string) => path.join(harness.dataDir, 'eventhubs/orders', id);
  const segmentOf = async (id: string) => {
    const names = await readdir(partitionFolder(id));
    return path.join(partitionFolder(id), names.find((name) => name.endsWith('.log')) as string);
  };
  const readAll = async (broker: Running, partition: string) => {
    const consumer = harness.consumer(broker);
    const { lastEnqueuedSequenceNumber: last } = await consumer.getPartitionProperties(partition);
    const reading = new Reading(consumer, partition, earliestEventPosition);
    const bodies = await reading.bodies(last + 1);
    expect(reading.events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([...Array(last + 1).keys()]);
    return bodies;
  };
  /** Its exit code and what it said, for one that must not start. */
  const refusal = async (args: string[] = [], env: NodeJS.ProcessEnv = {}) => {
    const child = harness.spawn(args, env);
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number | null];
    return { code, said, lines: said.trim().split('\n').length };
  };

  it('keeps everything over a stop and a start, and stops in under 3 s with clients connected', async () => {
    const first = await harness.start();
    const producer = harness.producer(first);
    for (let i = 0; i < 20; i++) await producer.sendBatch([{ body: i }], { partitionId: '0' });
    const idle = new Reading(harness.consumer(first), '0', earliestEventPosition);
    await idle.bodies(20);
    const started = performance.now();
    expect(await first.end('SIGTERM')).toBe(0);
    expect(performance.now() - started).toBeLessThan(3_000);
    await harness.closeClients();
    const second = await harness.start();
    expect(await readAll(second, '0')).toEqual([...Array(20).keys()]);
    await harness.producer(second).sendBatch([{ body: 'next' }], { partitionId: '0' });
    expect((await readAll(second, '0')).at(-1)).toBe('next');
    expect(second.output.join('')).not.toContain('WARN');
  });

  it('keeps every acknowledged event, in order, over SIGKILL in the middle of sends', async () => {
    const acknowledged: number[][] = [[], [], [], []];
    const next = [0, 0, 0, 0];
    for (let round = 0; round < 3; round++) {
      const broker = await harness.start();
      // The client goes on waiting for what was in flight when the engine died.
      const killed = once(broker.process, 'exit').then(() => false);
      const failures: unknown[] = [];
      let ending = false;
      const senders = [0, 1, 2, 3].map(async (partition) => {
        const producer = harness.producer(broker);
        for (;;) {
          const from = next[partition] as number;
          next[partition] = from + 5; // what was in flight at the kill may be there or not
          const events = Array.from({ length: 5 }, (_, i) => ({ body: from + i }));
          const sent = producer.sendBatch(events, { partitionId: String(partition) }).then(
            () => true,
            (error: unknown) => {
              if (!ending) failures.push(error);
              return false;
            },
          );
          if (!(await Promise.race([sent, killed]))) return;
          acknowledged[partition]?.push(...events.map(({ body }) => body));
        }
      });
      const target = (round + 1) * 100;
      await eventually(() => failures.length > 0 || acknowledged.every((one) => one.length >= target), {
        timeoutMs: 20_000,
        intervalMs: 1,
      });
      expect(failures).toEqual([]);
      ending = true;
      await broker.end('SIGKILL');
      await Promise.all(senders);
      // Clients of the dead engine wait for their time-outs; nothing here waits for them.
    }
    const broker = await harness.start();
    for (const partition of [0, 1, 2, 3]) {
      const bodies = (await readAll(broker, String(partition))) as number[];
      expect(bodies).toEqual([...bodies].sort((a, b) => a - b)); // in order, nothing twice
      expect(new Set(bodies).size).toBe(bodies.length);
      const there = new Set(bodies);
      expect(acknowledged[partition]?.filter((body) => !there.has(body))).toEqual([]);
    }
  });

  it('cuts off a torn tail, says so, and goes on', async () => {
    const first = await harness.start();
    const producer = harness.producer(first);
    for (let i = 0; i < 3; i++) await producer.sendBatch([{ body: i }], { partitionId: '2' });
    await first.end('SIGKILL');
    await appendFile(await segmentOf('2'), 'half a record');
    await harness.closeClients();
    const second = await harness.start();
    expect(second.output.join('')).toMatch(
      /2[/]0+[.]log: \d+ bytes of an unfinished write cut off at byte \d+/,
    );
    expect(await readAll(second, '2')).toEqual([0, 1, 2]);
  });

  it('refuses to start on damage in the middle, naming file and position', async () => {
    const first = await harness.start();
    for (let i = 0; i < 3; i++) await harness.producer(first).sendBatch([{ body: i }], { partitionId: '2' });
    await first.end('SIGTERM');
    const file = await segmentOf('2');
    const content = await readFile(file);
    content[100]! ^= 1;
    await writeFile(file, content);
    const { code, said } = await refusal();
    expect(code).toBe(1);
    expect(said).toContain(`${file}: an acknowledged record is damaged or missing at byte 64`);
    await truncate(file, 80);
    expect((await refusal()).code).toBe(1);
  });

  it('serves what stands before a damaged record of an older segment, then refuses by file and position', async () => {
    const small = ['--limit', 'segmentBytes=4096'];
    const first = await harness.start(small);
    const body = 'x'.repeat(1_500);
    for (let i = 0; i < 6; i++)
      await harness.producer(first).sendBatch([{ body, properties: { i } }], { partitionId: '2' });
    await first.end('SIGTERM');
    await harness.closeClients();
    const file = await segmentOf('2');
    const content = await readFile(file);
    const second = content.indexOf('REC1', 100);
    content[second + 200]! ^= 1;
    await writeFile(file, content);
    const again = await harness.start(small);
    const reading = new Reading(harness.consumer(again), '2', earliestEventPosition);
    await reading.until(({ events, errors }) => events.length > 0 && errors.length > 0);
    expect(reading.events.map(({ properties: own }) => own?.['i'] as number)).toEqual([0]);
    expect(reading.errors[0]?.message).toContain(`${file}: a damaged record at byte ${second}`);
    const behind = new Reading(harness.consumer(again), '2', { sequenceNumber: 4 });
    expect(await behind.bodies(1)).toHaveLength(1);
  });

  it('stops when the process that forked it is gone', async () => {
    const { process: child } = await harness.start();
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  it('lets one engine at a time into a data folder', async () => {
    const first = await harness.start();
    expect(await refusal()).toMatchObject({
      code: 1,
      lines: 1,
      said: expect.stringContaining('in use by another engine'),
    });
    await first.end('SIGKILL'); // leaves nothing behind that would keep the next one out
    await harness.start();
  });

  it('says in one line what is wrong with its surroundings, and exits 1', async () => {
    const other = await BrokerHarness.create();
    const running = await other.start();
    const amqp = String(running.amqpPort);
    const http = String(running.httpPort);
    expect(await refusal(['--port', amqp])).toMatchObject({
      code: 1,
      lines: 1,
      said: expect.stringContaining(`port ${amqp} is taken; BROKER_AMQP_PORT`),
    });
    expect(await refusal(['--http-port', http])).toMatchObject({
      code: 1,
      lines: 1,
      said: expect.stringContaining(`port ${http} is taken; BROKER_HTTP_PORT`),
    });
    expect(await refusal(['--host', '0.0.0.0'])).toMatchObject({
      code: 1,
      lines: 1,
      said: expect.stringContaining('BROKER_SAS_KEY'),
    });
    expect(await refusal(['--config', 'nowhere.json'])).toMatchObject({
      code: 1,
      lines: 1,
      said: expect.stringContaining('nowhere.json: cannot be read (ENOENT)'),
    });
    const inAFile = path.join(harness.configFile, 'data');
    expect(await refusal(['--data', inAFile])).toMatchObject({
      code: 1,
      lines: 1,
      said: expect.stringContaining(`${inAFile} cannot be used (ENOTDIR`),
    });
    await other.close();
  });

  it('refuses another partition count for a hub that has events', async () => {
    await (await harness.start()).end('SIGTERM');
    const config = await readFile(harness.configFile, 'utf8');
    await writeFile(harness.configFile, config.replace('"PartitionCount":"4"', '"PartitionCount":8'));
    expect(await refusal()).toMatchObject({
      code: 1,
      lines: 1,
      said: expect.stringContaining("'orders' has 4 partitions"),
    });
  });

  it('answers GET /health as the official emulator does', async () => {
    const { httpPort } = await harness.start();
    const response = await fetch(`http://127.0.0.1:${httpPort}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'healthy', message: 'Service is healthy.' });
    expect((await fetch(`http://127.0.0.1:${httpPort}/nothing`)).status).toBe(404);
  });

  it('logs JSON when asked to', async () => {
    const { output, amqpPort, httpPort } = await harness.start([], { LOG_FORMAT: 'json' });
    expect(JSON.parse(output.join(''))).toMatchObject({
      level: 'info',
      service: 'broker',
      ready: true,
      amqpPort,
      httpPort,
    });
  });
});
