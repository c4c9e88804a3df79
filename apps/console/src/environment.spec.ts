import { loadEnv } from '@app/service-defaults';
import { environment } from './environment.js';

const consumers = (CONSUMER_URLS?: string) => loadEnv(environment, { CONSUMER_URLS }).CONSUMER_URLS;

describe('CONSUMER_URLS', () => {
  it('names the local consumers unless set', () => {
    expect([...consumers().keys()]).toEqual(['search-indexer', 'address-notifications', 'audit']);
    expect(consumers().get('audit')?.href).toBe('http://127.0.0.1:3003/');
  });

  it('is name=url, more of them after commas', () => {
    expect([...consumers('a=http://a:1, b-2=https://b/base')]).toEqual([
      ['a', new URL('http://a:1')],
      ['b-2', new URL('https://b/base')],
    ]);
  });

  it.each(['a', 'a=', 'a=ftp://x', '=http://x', 'A=http://x', 'a=http://x,'])(
    '%j is wrong, and the variable is named',
    (text) => {
      expect(() => consumers(text)).toThrow(/^CONSUMER_URLS is wrong: ".*" is not name=url$/);
    },
  );
});
