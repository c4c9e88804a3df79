import { keyedRequest } from './keyed-request.js';

const asked = {
  client: 'web',
  key: 'k',
  method: 'POST',
  url: '/v1/customers',
  body: { a: 1, b: [{ c: 2 }] },
};
const change = (other: object) => keyedRequest({ ...asked, ...other });

describe('a keyed request', () => {
  it('is the same whatever the order of its members', () => {
    expect(change({ body: { b: [{ c: 2 }], a: 1 } })).toEqual(keyedRequest(asked));
  });

  it.each([
    [{ body: { a: 1 } }],
    [{ body: { a: 1, b: { c: 2 } } }],
    [{ url: '/v1/customers/1/merge' }],
    [{ method: 'PUT' }],
  ])('asks for something else with %j', (other) => {
    const { hash, request } = change(other);
    expect(hash).toEqual(keyedRequest(asked).hash);
    expect(request).not.toBe(keyedRequest(asked).request);
  });

  it.each([[{ client: 'app' }], [{ key: 'l' }], [{ client: 'we', key: 'bk' }]])(
    'is another one with %j',
    (other) => {
      expect(change(other).hash).not.toEqual(keyedRequest(asked).hash);
    },
  );
});
