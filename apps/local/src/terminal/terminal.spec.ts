import { PassThrough } from 'node:stream';
import { Terminal } from './terminal.js';

function terminal({ isTTY, env = {} }: { isTTY: boolean; env?: NodeJS.ProcessEnv }) {
  const out = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  const screen = new Terminal(['profile', 'search-indexer'], out, env);
  return { screen, printed: () => String(out.read() ?? '') };
}

describe('the terminal', () => {
  it('puts the name in front, aligned', () => {
    const { screen, printed } = terminal({ isTTY: false });
    screen.line('profile', '{"level":"warn","message":"slow"}');
    screen.line('search-indexer', 'plain');
    screen.line('profile', '');
    screen.say('all ready');
    expect(printed().split('\n')).toEqual([
      'profile        │ WARN slow',
      'search-indexer │ plain',
      'local          │ all ready',
      '',
    ]);
  });

  it('has colours on a terminal, unless NO_COLOR says no', () => {
    const coloured = terminal({ isTTY: true });
    coloured.screen.say('hello');
    expect(coloured.printed()).toContain('\u001b[1m');
    const plain = terminal({ isTTY: true, env: { NO_COLOR: '1' } });
    plain.screen.say('hello');
    expect(plain.printed()).toBe('local          │ hello\n');
  });
});
