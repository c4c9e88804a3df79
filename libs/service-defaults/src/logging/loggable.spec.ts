import { loggable } from './loggable.js';

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('what a log says of an error', () => {
  it('is its message and where it happened', () => {
    const error = new Error('the database is away');
    expect(loggable(error)).toEqual({ message: 'the database is away', stack: error.stack });
  });

  it.each([
    ['a text that is no JSON', thrownBy(() => JSON.parse('ada lovelace'))],
    [
      'a value that PostgreSQL did not take',
      Object.assign(new Error('invalid input syntax for type uuid: "ada lovelace"'), { code: '22P02' }),
    ],
    ['something thrown that is no error', 'ada lovelace'],
  ])('has nothing of %s', (_, error) => {
    const said = loggable(error);
    expect(JSON.stringify(said)).not.toContain('ada');
    expect(said.message).not.toBe('');
    // Where there is a stack, it still says where.
    expect(said.stack ?? 'loggable.spec.ts').toContain('loggable.spec.ts');
  });
});
