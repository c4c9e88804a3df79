import { KeyServiceError } from '../keys/key-source.js';
import { failureOf } from './errors.js';

const coded = (code: string) => Object.assign(new Error(code), { code });

describe('whose fault an error is', () => {
  it.each(['57P01', '08006', '53300', '58030', '25P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])(
    '%s is the infrastructure’s',
    (code) => expect(failureOf(coded(code))).toBe('infrastructure'),
  );
  it.each(['40P01', '40001', '55P03'])('%s is a conflict', (code) =>
    expect(failureOf(coded(code))).toBe('conflict'),
  );
  it.each(['23505', '22001', '42P01'])('%s is the handler’s', (code) =>
    expect(failureOf(coded(code))).toBe('handler'),
  );

  it('is found under what wraps it', () => {
    const typeorm = Object.assign(new Error('QueryFailedError'), { driverError: coded('57P01') });
    expect(failureOf(new Error('could not save', { cause: typeorm }))).toBe('infrastructure');
    expect(failureOf(new KeyServiceError('no keys'))).toBe('infrastructure');
    expect(failureOf(new Error('Connection terminated unexpectedly'))).toBe('infrastructure');
    expect(failureOf(new Error('Query read timeout'))).toBe('infrastructure');
  });

  it('is the handler’s for anything thrown', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    for (const thrown of [new TypeError('x'), 'text', undefined, null, loop])
      expect(failureOf(thrown)).toBe('handler');
  });
});
