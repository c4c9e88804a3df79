import { below, consumerUrlsEnvironment } from './consumer-urls.js';
import { loadEnv } from './load-env.js';

const consumers = (CONSUMER_URLS?: string) =>
  loadEnv(consumerUrlsEnvironment, { CONSUMER_URLS }).CONSUMER_URLS;

describe('CONSUMER_URLS', () => {
  it('names the local consumers unless set', () => {
    expect([...consumers().keys()]).toEqual([
      'search-indexer',
      'address-notifications',
      'audit',
      'event-grid',
    ]);
    expect(consumers().get('audit')?.href).toBe('http://127.0.0.1:3003/');
  });

  it('is name=url, more of them after commas', () => {
    expect([...consumers('a=http://a:1, b-2=https://b/base')]).toEqual([
      ['a', new URL('http://a:1')],
      ['b-2', new URL('https://b/base')],
    ]);
  });

  it('leads to what lies below, with a slash at the end or without', () => {
    expect(below(new URL('https://b/base'), 'admin/x').href).toBe('https://b/base/admin/x');
    expect(below(new URL('http://a:1'), 'admin/x').href).toBe('http://a:1/admin/x');
  });

  it.each(['a', 'a=', 'a=ftp://x', '=http://x', 'A=http://x', 'a=http://x,'])(
    '%j is wrong, and the variable is named',
    (text) => {
      expect(() => consumers(text)).toThrow(/^CONSUMER_URLS is wrong: ".*" is not name=url$/);
    },
  );
});
