import { KeyServiceError, keysPerRequest, type PersonalDataKey } from './key-source.js';
import { SharedKeySource } from './shared-key-source.js';

const unknown = 'nobody knows';

/** A key service that answers when it is told to. */
function stage() {
  const requests: { ids: readonly string[]; answer: () => void }[] = [];
  const source = new SharedKeySource({
    fetch: (ids) =>
      new Promise((resolve, reject) => {
        const keys = new Map(ids.map((id): [string, PersonalDataKey] => [id, { erased: true }]));
        const answer = () => (ids.includes(unknown) ? reject(new KeyServiceError('404')) : resolve(keys));
        requests.push({ ids, answer });
      }),
  });
  return { source, requests, asked: () => requests.map(({ ids }) => ids) };
}

describe('keys that several partitions ask for', () => {
  it('go into one request while two are under way', async () => {
    const { source, requests, asked } = stage();
    const fetched = [['a'], ['b'], ['c', 'd'], ['d', 'e']].map((ids) => source.fetch(ids));
    expect(asked()).toEqual([['a'], ['b']]);
    requests[0]?.answer();
    await fetched[0];
    await new Promise(setImmediate);
    expect(asked().at(2)).toEqual(['c', 'd', 'e']);
    for (const { answer } of requests) answer();
    expect([...((await fetched[2])?.keys() ?? [])]).toEqual(['c', 'd', 'e']);
    await Promise.all(fetched);
  });

  it('are asked for again, each partition for itself, where one is unknown', async () => {
    const { source, requests, asked } = stage();
    const blocked = [source.fetch(['a']), source.fetch(['b'])];
    const good = source.fetch(['c']);
    const bad = source.fetch([unknown]);
    requests[0]?.answer();
    await blocked[0];
    await new Promise(setImmediate);
    requests[2]?.answer();
    await new Promise(setImmediate);
    expect(asked().slice(2)).toEqual([['c', unknown], ['c'], [unknown]]);
    for (const { answer } of requests) answer();
    expect([...(await good).keys()]).toEqual(['c']);
    await expect(bad).rejects.toThrow(KeyServiceError);
  });

  it('fill a request and no more', async () => {
    const { source, requests, asked } = stage();
    const many = (name: string) => Array.from({ length: keysPerRequest - 1 }, (_, n) => `${name}${n}`);
    const fetched = [['x'], ['y'], many('a'), many('b')].map((ids) => source.fetch(ids));
    requests[0]?.answer();
    requests[1]?.answer();
    await Promise.all(fetched.slice(0, 2));
    await new Promise(setImmediate);
    expect(
      asked()
        .slice(2)
        .map((ids) => ids.length),
    ).toEqual([keysPerRequest - 1, keysPerRequest - 1]);
  });
});
