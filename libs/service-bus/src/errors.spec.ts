import { DeadLetterError, failureOf, PauseQueueError } from './errors.js';

describe('whose fault it is that a handler threw', () => {
  it.each([
    [new DeadLetterError('smtp-550', 'refused for good'), 'dead-letter'],
    [new Error('wrapped', { cause: new DeadLetterError('smtp-550', 'refused for good') }), 'dead-letter'],
    [new PauseQueueError('no mail server'), 'pause'],
    [new Error('wrapped', { cause: new PauseQueueError('no mail server') }), 'pause'],
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'pause'],
    [Object.assign(new Error('the server is shutting down'), { driverError: { code: '57P01' } }), 'pause'],
    [new TypeError('undefined is not a function'), 'retry'],
    ['thrown text', 'retry'],
  ])('%s: %s', (error, kind) => expect(failureOf(error).kind).toBe(kind));
});
