import { commandFrom, UsageError } from './command.js';
import { describe as tell, table } from './print.js';

describe('an operator’s commands', () => {
  const callOf = (line: string) => commandFrom(line.split(' ')).call;

  it.each([
    ['audit status', 'GET', '/admin/consumer', undefined],
    ['audit parked', 'GET', '/admin/parked?limit=200', undefined],
    [
      'audit parked --type AddressChanged --customer c1',
      'GET',
      '/admin/parked?customerId=c1&type=AddressChanged&limit=200',
      undefined,
    ],
    ['audit show e/1', 'GET', '/admin/parked/e%2F1', undefined],
    ['audit redrive c1', 'POST', '/admin/parked/c1/redrive', {}],
    ['audit redrive --all', 'POST', '/admin/parked/redrive', {}],
    ['audit redrive --type AddressChanged', 'POST', '/admin/parked/redrive', { type: 'AddressChanged' }],
    ['audit discard e1 --reason wrong', 'POST', '/admin/parked/e1/discard', { reason: 'wrong' }],
    ['audit replay --from earliest', 'POST', '/admin/replay', { from: 'earliest' }],
    ['audit replay --from {"0":7}', 'POST', '/admin/replay', { from: { 0: 7 } }],
    ['audit pause', 'POST', '/admin/pause', {}],
    ['audit fault c1 --times 3', 'POST', '/admin/faults', { customerId: 'c1', times: 3 }],
    ['mail dead-letters', 'GET', '/admin/dead-letters?limit=200', undefined],
    ['mail redrive-dead-letters --all', 'POST', '/admin/dead-letters/redrive', {}],
    [
      'mail discard-dead-letters --customer c1 --because gone',
      'POST',
      '/admin/dead-letters/discard',
      { customerId: 'c1', because: 'gone' },
    ],
    ['audit faults --clear', 'DELETE', '/admin/faults', undefined],
  ])('%s', (line, method, path, body) => {
    expect(callOf(line)).toEqual({ method, path, ...(body && { body }) });
  });

  it.each([
    ['', 'is no command'],
    ['audit dance', 'dance is no command'],
    ['audit redrive', 'redrive whom?'],
    ['audit discard e1', 'needs --reason'],
    ['mail redrive-dead-letters', 'redrive which?'],
    ['mail discard-dead-letters --because gone', 'discard which?'],
    ['mail discard-dead-letters --reason smtp-550', 'needs --because'],
    ['audit show', 'an event id is missing'],
    ['audit replay', 'needs --from'],
    ['audit replay --from {', 'is not JSON'],
    ['audit status --loud', "Unknown option '--loud'"],
    ['audit show e1 e2', 'e2 is too much'],
  ])('refuse "%s"', (line, message) => {
    expect(() => callOf(line)).toThrow(UsageError);
    expect(() => callOf(line)).toThrow(message);
  });
});

describe('what is printed', () => {
  it('stands in columns', () => {
    expect(
      table([
        { a: 1234, long: 'x' },
        { a: null, long: 'longer' },
      ]),
    ).toBe('a      long\n1,234  x\n-      longer');
  });

  it('says when there is nothing', () => {
    expect(tell('parked', { items: [] })).toBe('nothing is set aside');
    expect(tell('dead-letters', { items: [] })).toBe('there are no dead letters');
    expect(tell('pause', undefined)).toBe('done');
  });
});
