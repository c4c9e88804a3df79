import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { MovableClock } from '@app/clock';
import { HttpProblem } from './problem.js';

const MAX_BYTES = 1_000;

/** Answers what time it is, after moving on where the request says so. @throws HttpProblem */
export async function moveClock(request: IncomingMessage, clock: MovableClock): Promise<{ now: string }> {
  if (request.method === 'POST') {
    if (!(Number(request.headers['content-length']) <= MAX_BYTES)) throw new HttpProblem(413);
    try {
      clock.move((JSON.parse(await text(request)) as { move: number }).move);
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError))
        throw error;
      throw new HttpProblem(400, `a body such as {"move": 60000} is needed: ${error.message}`);
    }
  }
  return { now: new Date(clock.now()).toISOString() };
}
