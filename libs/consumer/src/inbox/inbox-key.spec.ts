import { validate, version } from 'uuid';
import { inboxKey } from './inbox-key.js';

describe('the inbox key', () => {
  it('is a UUID itself, in lower case', () => {
    expect(inboxKey('01A20360-D533-718F-BC65-F1D5D798AE45')).toBe('01a20360-d533-718f-bc65-f1d5d798ae45');
  });

  it('tells apart events of two sources that share an id, be it a UUID', () => {
    for (const id of ['1', '01a20360-d533-718f-bc65-f1d5d798ae45']) {
      const keys = ['/profile', '/orders', 'https://example.com/a'].map((source) => inboxKey(id, source));
      expect(new Set(keys).size).toBe(3);
    }
  });

  it('is a UUIDv8 of any other text, always the same one', () => {
    const key = inboxKey('order/7');
    expect(validate(key) && version(key)).toBe(8);
    expect(inboxKey('order/7')).toBe(key);
    expect(inboxKey('order/8')).not.toBe(key);
  });
});
