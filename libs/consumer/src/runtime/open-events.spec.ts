import { newPersonalDataKey, seal, UnsealError } from '@app/contracts';
import { randomUUID } from 'node:crypto';
import { openData, sealingOf } from './open-events.js';

const id = randomUUID();
const key = newPersonalDataKey();
const personal = { current: { id }, previous: {} };

describe('opening an event', () => {
  it('finds the customer whose key it needs, and opens it', () => {
    const data = { changed: [], personal: seal(personal, id, key) };
    const sealing = sealingOf('AddressChanged', data);
    expect(sealing).toEqual({ form: 'sealed', kid: id, jwe: data.personal });
    expect(openData(data, data.personal, { erased: false, key })).toEqual({ changed: [], personal });
  });

  it('gives null once the key is gone', () => {
    const data = { changed: ['title'], personal: 'sealed' };
    expect(openData(data, 'sealed', { erased: true })).toEqual({
      changed: ['title'],
      personal: null,
      erased: true,
    });
  });

  it('does not take another key', () => {
    const jwe = seal(personal, id, key);
    expect(() => openData({}, jwe, { erased: false, key: newPersonalDataKey() })).toThrow(UnsealError);
  });

  it.each([
    ['data that is no object', 'text'],
    ['personal data in the clear', { personal: { givenName: 'Eve' } }],
    ['text that is no JWE', { personal: 'hello' }],
    ['a key that is no customer’s', { personal: seal(personal, '../../etc', key) }],
    [
      'a key in a spelling that the key service never answers with',
      { personal: seal(personal, id.toUpperCase(), key) },
    ],
  ])('refuses %s', (_, data) => {
    expect(sealingOf('AddressChanged', data).form).toBe('malformed');
  });

  it('leaves data without personal data alone, and foreign data of any form', () => {
    expect(sealingOf('CustomerErased', { changed: [] }).form).toBe('plain');
    expect(sealingOf('com.example.Other', [1, 2]).form).toBe('plain');
  });
});
