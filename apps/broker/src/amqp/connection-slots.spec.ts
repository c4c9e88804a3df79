import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { ConnectionSlots } from './connection-slots.js';

class FakeSocket extends EventEmitter {
  destroyed = false;
  readonly remoteAddress = '127.0.0.1';
  readonly localAddress = '127.0.0.1';
  constructor(readonly remotePort: number) {
    super();
  }
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    setImmediate(() => this.emit('close'));
  }
}

describe('the slots for connections', () => {
  let nextPort = 1;
  const setup = (max: number) => {
    const warnings: string[] = [];
    const slots = new ConnectionSlots(max, (message) => warnings.push(message));
    const connect = () => {
      const fake = new FakeSocket(nextPort++);
      const socket = fake as unknown as Socket;
      slots.take(socket);
      return { fake, known: slots.knownBy(socket) };
    };
    return { connect, warnings };
  };

  it('give the place of the oldest one without a token away, in the order they came', () => {
    const { connect, warnings } = setup(3);
    const [a, b, c] = [connect(), connect(), connect()];
    b.known();
    const [d, e, f] = [connect(), connect(), connect()];
    expect([a, b, c, d, e, f].map(({ fake }) => fake.destroyed)).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(warnings).toContain('client 127.0.0.1 closed: 3 connections are open, it has no token');
  });

  it('keep a newcomer out where everybody has a token, until one leaves', async () => {
    const { connect, warnings } = setup(1);
    const first = connect();
    first.known();
    expect(connect().fake.destroyed).toBe(true);
    expect(warnings).toEqual(['client 127.0.0.1 refused: 1 connections are open']);
    first.fake.destroy();
    await new Promise(setImmediate);
    expect(connect().fake.destroyed).toBe(false);
  });

  it('are not given twice by one that was sent away and then closes', async () => {
    const { connect } = setup(2);
    connect();
    connect();
    const kept = [connect(), connect()];
    for (const { known } of kept) known();
    await new Promise(setImmediate); // those sent away are closed now
    expect(connect().fake.destroyed).toBe(true);
    expect(kept.map(({ fake }) => fake.destroyed)).toEqual([false, false]);
  });
});
