import { createRequire } from 'node:module';
import rhea from 'rhea';
import { encoders, type Connection, type Performative } from './rhea.js';
import { writeWholePerformatives } from './whole-performatives.js';

const frames = createRequire(import.meta.url)('rhea/lib/frames.js') as Record<
  string,
  (fields: object) => Performative
>;

/** What a connection would write. */
function written(name: string, fields: object): Performative {
  const out: Performative[] = [];
  const connection = {
    _write_frame: (_channel: number, performative: Performative) => out.push(performative),
  };
  writeWholePerformatives(connection as unknown as Connection);
  connection._write_frame(0, frames[name]?.(fields) as Performative);
  return out[0] as Performative;
}

describe('a performative', () => {
  it.each([
    ['open', { container_id: 'c' }, 10],
    ['begin', { next_outgoing_id: 0, incoming_window: 1, outgoing_window: 1 }, 8],
    ['attach', { name: 'l', handle: 0, role: true }, 14],
    ['flow', { incoming_window: 1, next_outgoing_id: 0, outgoing_window: 1 }, 11],
    ['disposition', { role: true, first: 0 }, 6],
    ['detach', { handle: 0 }, 3],
    ['end', {}, 1],
    ['close', {}, 1],
  ])('%s is written with all its fields', (name, fields, count) => {
    expect(written(name, fields).value).toHaveLength(count);
  });

  it('carries an error with all its fields', () => {
    const error = { condition: 'amqp:not-found', description: 'nowhere' };
    for (const [name, at] of [
      ['detach', 2],
      ['close', 0],
    ] as const) {
      const field = written(name, { handle: 0, error }).value[at] as { value: unknown[] };
      expect(field.value).toHaveLength(3);
    }
  });

  it('carries the error of an outcome with all its fields', () => {
    const error = { condition: 'amqp:link:message-size-exceeded', description: 'too large' };
    const state = encoders.rejected({ error }).described();
    const outcome = written('disposition', { role: true, first: 0, state }).value[4];
    const [rejection] = (outcome as { value: { value: unknown[] }[] }).value;
    expect(rejection?.value).toHaveLength(3);
  });

  it('says the highest handle, which Python knows no default for', () => {
    const begin = written('begin', { next_outgoing_id: 0, incoming_window: 1, outgoing_window: 1 });
    expect(begin.value[4]).toEqual(rhea.types.wrap_uint(0xffff_ffff));
  });
});
