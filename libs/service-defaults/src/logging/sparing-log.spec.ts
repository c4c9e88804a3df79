import { SparingLog } from './sparing-log.js';

it('a sparing log says the first, and later how many more', () => {
  const said: string[] = [];
  let now = 0;
  const log = new SparingLog({ warn: (message: string) => said.push(message) }, () => now);
  for (let n = 0; n < 5; n++) log.warn(`no ${n}`);
  now = 10_000;
  log.warn('no 5');
  expect(said).toEqual(['no 0', 'no 5 (and 4 more like this)']);
});
