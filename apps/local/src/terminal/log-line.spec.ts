import { readLogLine } from './log-line.js';

describe('a line that a part printed', () => {
  it.each([
    [
      '{"level":"log","message":"ready on http://127.0.0.1:3000","context":"Service"}',
      'info',
      'ready on http://127.0.0.1:3000',
    ],
    [
      '{"level":"warn","message":"the engine is away","context":"OutboxRelay"}',
      'warn',
      '[OutboxRelay] the engine is away',
    ],
    ['{"level":"fatal","message":"port 3000 is taken","context":"Service"}', 'error', 'port 3000 is taken'],
    ['{"level":"log","message":{"rows":3}}', 'info', '{"rows":3}'],
    [
      'LOG:  database system is ready to accept connections',
      'info',
      'database system is ready to accept connections',
    ],
    [
      'LOG:  starting PostgreSQL 18.4 on x86_64-pc-linux-gnu, compiled by gcc',
      'info',
      'starting PostgreSQL 18.4',
    ],
    ['FATAL:  the database system is starting up', 'error', 'FATAL:  the database system is starting up'],
    ['{"not":"ours"}', 'info', '{"not":"ours"}'],
    ['{broken', 'info', '{broken'],
  ])('%s', (line, severity, text) => {
    expect(readLogLine(line)).toEqual({ severity, text, more: [] });
  });

  it('keeps the stack of an error', () => {
    const line = JSON.stringify({ level: 'error', message: 'oh', stack: 'Error: oh\n    at here' });
    expect(readLogLine(line).more).toEqual(['Error: oh', '    at here']);
  });
});
