import { Receiver } from 'rhea-promise';
import './closed-links.js';

const linkWith = (source: unknown): Receiver =>
  Object.create(Receiver.prototype, { source: { value: source } }) as Receiver;

describe('the address of a link', () => {
  it('is its source', () => {
    expect(linkWith({ address: 'hub/Partitions/0' }).address).toBe('hub/Partitions/0');
  });

  it('is undefined, not an exception, once the link has no source', () => {
    expect(linkWith(undefined).address).toBeUndefined();
  });
});
