import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const bench = path.join(import.meta.dirname, 'main.mjs');
const groups = 'engine, consumer, rest, import, search, event-grid, service-bus';
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGINT'); // it ends its own processes
});

async function run(...args: string[]) {
  const child = spawn(process.execPath, [bench, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let [output, errors] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const [code] = (await once(child, 'close')) as [number];
  running.delete(child);
  return { code, output, errors };
}

describe('npm run bench', () => {
  it('measures what is published and delivered by the engine', async () => {
    const { code, output } = await run('engine', '--quick', '--rounds', '1', '--only', 'publish,fan-out');
    expect(output).toMatch(/^publish in batches of 100 .* k\/s/m);
    expect(output).toMatch(/^deliver to 3 groups .* k\/s/m);
    expect(output).not.toContain('failed');
    expect(code).toBe(0);
  }, 120_000);

  it('measures what a consumer passes over', async () => {
    const { code, output } = await run('consumer', '--quick', '--only', 'skip');
    expect(output).toMatch(/^skip by type .* [\d.]+ × /m);
    expect(output).toMatch(/^skip by a filter on subject .* [\d.]+ × /m);
    expect(output).not.toContain('failed');
    expect(code).toBe(0);
  }, 180_000);

  it('sends commands, receives and completes them', async () => {
    const { code, output } = await run('service-bus', '--quick');
    expect(output).toContain('received and completed');
    expect(code).toBe(0);
  });

  it('asks the search what people type, and finds the obvious answer', async () => {
    const { code, output } = await run('search', '--customers', '2000', '--questions', '10');
    expect(output).toMatch(/^e-mail address .* p95 [\d.]+ ms .* 100 % obvious first/m);
    expect(output).toMatch(/^telephone, with 00 and dashes .* 100 % obvious first/m);
    expect(output).toMatch(/^likely duplicates .* p95 [\d.]+ ms/m);
    expect(code).toBe(0);
  }, 120_000);

  it('measures the profile API beside those that do less', async () => {
    const { code, output } = await run('rest', '--quick');
    expect(output).toMatch(/^create, 64 at a time .* [\d.]+ × /m);
    expect(output).toMatch(/^read by id, 16 at a time .* [\d.]+ × /m);
    expect(code).toBe(0);
  }, 180_000);

  it.each([
    [['nonsense'], `there is no group 'nonsense', only ${groups}`],
    [['engine', '--rounds', 'many'], '--rounds needs a whole number above 0'],
    [['engine', '--only', 'x'], "--only knows publish, singles, fan-out, latency, client, memory, not 'x'"],
    [['engine', '--fast'], "Unknown option '--fast'"],
    [['consumer', '--only', 'x'], "--only knows skip, apply, catch-up, takeover, latency, not 'x'"],
    [['rest', '--only', 'x'], "--only knows create, read, not 'x'"],
    [['import', '/no/such/file'], 'there is no file /no/such/file'],
    [['search', '--customers', '0'], '--customers needs a whole number above 0'],
  ])('refuses %j in one line', async (args, why) => {
    const { code, output, errors } = await run(...args);
    expect(errors).toBe(`bench: ${why} (npm run bench -- --help)\n`);
    expect(output).toBe('');
    expect(code).toBe(2);
  });
});
