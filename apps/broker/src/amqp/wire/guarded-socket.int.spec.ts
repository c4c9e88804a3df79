import { once } from 'node:events';
import net from 'node:net';
import { eventually } from '@app/testing';
import { defaultLimits } from '../../config/limits.js';
import { SendBlocks } from '../send-blocks.js';
import { SendBudget } from '../send-budget.js';
import { FrameGuard } from './frame-guard.js';
import { GuardedSocket } from './guarded-socket.js';

const BLOCK_BYTES = 128 * 1024;
const ROOM = 1024 * 1024;

/** Blocks that come back through a socket of this machine. */
describe('what is written to a guarded socket', () => {
  const server = net.createServer();
  const blocks = new SendBlocks();
  let client: net.Socket;
  let accepted: net.Socket;
  let socket: GuardedSocket;
  let unsent: SendBudget;
  let out: Set<Buffer>;

  beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
  beforeEach(async () => {
    out = new Set();
    unsent = new SendBudget(Infinity);
    const arrives = once(server, 'connection');
    client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    [accepted] = (await arrives) as [net.Socket];
    socket = new GuardedSocket(accepted, new FrameGuard(defaultLimits), ROOM, unsent.open());
    socket.on('error', () => undefined);
  });
  afterEach(() => {
    client.destroy();
    accepted.destroy();
  });
  afterAll(() => server.close());

  /** Writes a block that is filled with a number, and is taken from those that have come back where there is one. */
  const writeBlock = (fill: number, bytes = BLOCK_BYTES) => {
    const block = blocks.take(bytes);
    if (out.has(block)) throw new Error('a block that is out was given away');
    out.add(block);
    block.fill(fill & 0xff);
    socket.write(block.subarray(0, bytes), () => {
      out.delete(block);
      blocks.giveBack(block);
    });
  };
  const hasRoom = () => socket.hasRoom(ROOM);
  /** A client that does not read: until the engine's side has no room for it. */
  const writeUntilFull = async () => {
    let written = 0;
    client.pause();
    await eventually(() => {
      while (hasRoom()) writeBlock(written++);
      return socket.backlog > ROOM / 2 && !hasRoom();
    });
    return written;
  };

  it('stays as it is until the kernel has it, however slowly the client reads', async () => {
    const BLOCKS = 100;
    const wrong: string[] = [];
    let at = 0;
    client.on('data', (chunk: Buffer) => {
      for (let from = 0; from < chunk.length;) {
        const fill = Math.floor(at / BLOCK_BYTES);
        const bytes = Math.min(chunk.length - from, (fill + 1) * BLOCK_BYTES - at);
        const expected = Buffer.alloc(bytes, fill);
        if (!chunk.subarray(from, from + bytes).equals(expected)) wrong.push(`${bytes} bytes at ${at}`);
        from += bytes;
        at += bytes;
      }
      client.pause();
      setImmediate(() => client.resume());
    });
    let most = 0;
    for (let i = 0; i < BLOCKS; i++) {
      await eventually(hasRoom, { intervalMs: 1 });
      writeBlock(i);
      most = Math.max(most, out.size);
    }
    await eventually(() => at === BLOCKS * BLOCK_BYTES && out.size === 0, { timeoutMs: 20_000 });
    expect(wrong).toEqual([]);
    expect(most).toBeLessThanOrEqual(ROOM / BLOCK_BYTES + 1);
    expect(unsent.bytes).toBe(0);
  });

  it('costs no more than there is room for while the client does not read', async () => {
    await writeUntilFull();
    const held = [...out].reduce((sum, block) => sum + block.length, 0);
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThanOrEqual(ROOM + BLOCK_BYTES);
    expect(unsent.bytes).toBe(socket.backlog);
  });

  it.each([
    ['the client is gone', () => client.resetAndDestroy()],
    ['the engine hangs up', () => socket.destroy()],
  ])('comes back when %s', async (_when, hangUp) => {
    await writeUntilFull();
    writeBlock(1, 100); // and what was not even given to the socket yet
    hangUp();
    await eventually(() => out.size === 0);
    writeBlock(2);
    expect(out.size).toBe(0); // nobody gets it any more
    expect(unsent.bytes).toBe(0);
  });

  it('goes out as one piece where it is small, and comes back', async () => {
    const received: Buffer[] = [];
    client.on('data', (chunk: Buffer) => received.push(chunk));
    writeBlock(1, 10_000);
    writeBlock(2, 50);
    await eventually(() => Buffer.concat(received).length === 10_050);
    expect(Buffer.concat(received)).toEqual(Buffer.concat([Buffer.alloc(10_000, 1), Buffer.alloc(50, 2)]));
    expect(out.size).toBe(0);
  });
});
