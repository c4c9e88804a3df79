import { assert, dictionary, jsonValue, property, string } from 'fast-check';
import { seedOfRun } from '@app/testing';
import { duplicateMember } from './duplicate-members.js';

describe('duplicateMember', () => {
  it.each([
    ['{"a":1,"a":2}', '/a'],
    [String.raw`{"a":1,"\u0061":2}`, '/a'],
    ['{"a":{"b":1,"b":1}}', '/a/b'],
    ['{"a":[{"b":1},{"b":1,"c":[],"b":1}]}', '/a/1/b'],
    ['[[],{"a~/b":1,"a~/b":1}]', '/1/a~0~1b'],
    ['{"__proto__":1,"__proto__":2}', '/__proto__'],
    [String.raw`{"\"":1,"x":"\\","\"":2}`, '/"'],
    ['{"a":"a","b":["a","a"],"c":{"a":1}}', undefined],
    ['{"a":"{\\"a\\":1,\\"a\\":2}"}', undefined],
    ['{"":{"":1}}', undefined],
    ['"a"', undefined],
    ['[{},{}]', undefined],
  ])('%s: %s', (json, found) => {
    expect(() => JSON.parse(json) as unknown).not.toThrow();
    expect(duplicateMember(json)).toBe(found);
  });

  it('finds nothing in what was parsed and written, and what is put there', () => {
    assert(
      property(dictionary(string(), jsonValue()), string(), (value, name) => {
        const { [name]: _, ...rest } = value;
        const json = JSON.stringify(rest);
        expect(duplicateMember(json)).toBeUndefined();
        const member = `${JSON.stringify(name)}:1`;
        expect(duplicateMember(`{${member},"rest":${json},${member}}`)).toBeDefined();
        expect(duplicateMember(`[{${member}},{"rest":${json}},{${member}}]`)).toBeUndefined();
      }),
      { numRuns: 500, seed: seedOfRun() },
    );
  });
});
