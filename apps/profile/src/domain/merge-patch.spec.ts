import { mergePatch } from './merge-patch.js';

// RFC 7396, appendix A, as far as the target is an object.
it.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('patches %j with %j to %j', (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result);
});

it('does not reach a prototype', () => {
  const patch: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
  mergePatch({}, patch);
  expect({}).not.toHaveProperty('polluted');
});
