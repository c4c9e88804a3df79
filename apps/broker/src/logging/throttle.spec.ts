import { throttled } from './throttle.js';

describe('a throttled log', () => {
  it('says so much a second, then how much it did not say', () => {
    const said: string[] = [];
    let now = 0;
    const log = throttled(
      (message) => said.push(message),
      2,
      () => now,
    );
    for (const message of ['a', 'b', 'c', 'd']) log(message);
    now = 1_000;
    log('e');
    log('f');
    expect(said).toEqual(['a', 'b', 'e (2 more like this were not logged)', 'f']);
  });
});
