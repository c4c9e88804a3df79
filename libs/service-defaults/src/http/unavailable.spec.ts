import { isUnavailable } from './unavailable.js';

const coded = (code: string): Error => Object.assign(new Error(code), { code });

describe('isUnavailable', () => {
  it.each(['57P01', '57P03', '08006', '53300', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])('%s is', (code) => {
    expect(isUnavailable(coded(code))).toBe(true);
  });

  it.each(['23505', '22001', '42P01', 'ERR_HTTP'])('%s is not', (code) => {
    expect(isUnavailable(coded(code))).toBe(false);
  });

  it('is found under what wraps it, and nothing is found in a loop', () => {
    const wrapped = Object.assign(new Error('QueryFailedError'), { driverError: coded('57P01') });
    expect(isUnavailable(new Error('could not save', { cause: wrapped }))).toBe(true);
    expect(isUnavailable(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isUnavailable(new Error('Query read timeout'))).toBe(true);
    const loop = new Error('loop');
    loop.cause = loop;
    expect([loop, undefined, null, 'text'].map(isUnavailable)).toEqual([false, false, false, false]);
  });
});
