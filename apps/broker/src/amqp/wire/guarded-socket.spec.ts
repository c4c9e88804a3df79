import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { defaultLimits } from '../../config/limits.js';
import { SendBudget } from '../send-budget.js';
import { FrameGuard } from './frame-guard.js';
import { GuardedSocket } from './guarded-socket.js';

const FULL = 64 * 1024;

/** A socket that brings what it is told to. */
class Fake extends EventEmitter {
  readonly writableLength = 0;
  reading = true;
  setNoDelay(): void {
    // there is nothing to delay
  }
  pause(): void {
    this.reading = false;
  }
  resume(): void {
    this.reading = true;
  }
}

describe('a client that sends much', () => {
  let fake: Fake;
  let guarded: GuardedSocket;
  const bring = (bytes: number) => void fake.emit('data', Buffer.alloc(bytes, EMPTY_FRAME));
  const EMPTY_FRAME = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);

  beforeEach(() => {
    fake = new Fake();
    const unsent = new SendBudget(Infinity).open();
    guarded = new GuardedSocket(fake as unknown as Socket, new FrameGuard(defaultLimits), 1_000, unsent);
    fake.emit('data', Buffer.from('AMQP\u0000\u0001\u0000\u0000', 'latin1'));
  });

  it('waits for a turn of the event loop after 128 KiB, and then goes on', async () => {
    bring(FULL);
    expect(fake.reading).toBe(true);
    bring(FULL);
    expect(fake.reading).toBe(false);
    bring(FULL); // Node had read it already
    await setImmediate();
    expect(fake.reading).toBe(true);
    bring(FULL);
    expect(fake.reading).toBe(false);
  });

  it('does not wait as long as there was nothing more to read now and then', () => {
    for (let i = 0; i < 10; i++) {
      bring(FULL);
      bring(FULL - 8);
      expect(fake.reading).toBe(true);
    }
  });

  it('does not go on after the wait when it is not to be read', async () => {
    bring(FULL);
    bring(FULL);
    guarded.pause();
    await setImmediate();
    expect(fake.reading).toBe(false);
    guarded.resume();
    expect(fake.reading).toBe(true);
  });
});
