import { anAddress } from '@app/testing';
import { addressChanged } from '../../test/address-changed.js';
import { type Notice, noticeOf as noticeOfData } from './address-change.js';

const noticeOf = ({ data }: { data: unknown }): Notice => noticeOfData(data);

const before = anAddress();
const after = anAddress({ line1: '1 High St', city: 'Perth' });
const moved = addressChanged('event-1', { before, after });

describe('the notice of a change', () => {
  it('holds what the mail says, and nothing else of the customer', () => {
    expect(noticeOf(moved)).toEqual({
      send: true,
      content: { recipient: { name: 'Zoë Yáñez', email: 'zoe@example.com' }, kind: 'home', before, after },
    });
  });

  it('knows a first address and one that is taken away', () => {
    expect(noticeOf(addressChanged('event-1', { after }))).not.toHaveProperty('content.before');
    expect(noticeOf(addressChanged('event-1', { before }))).not.toHaveProperty('content.after');
  });

  it('needs no consent: it is about the customer’s own address', () => {
    const refused = { marketing: { granted: false, at: '2026-01-01T00:00:00Z' } };
    expect(noticeOf(addressChanged('event-1', { after, consents: refused })).send).toBe(true);
  });

  it('is not mailed to who wants to be reached in another way', () => {
    const preferences = { preferredChannel: 'post' };
    expect(noticeOf(addressChanged('event-1', { after, preferences }))).toEqual({
      send: false,
      reason: 'other-channel',
    });
  });

  it.each([
    [undefined],
    [{ hello: 1 }],
    [{ changed: ['addresses.home'], personal: { current: { givenName: 7 } } }],
  ])('is not made of what a stranger wrote: %j', (data) => {
    expect(noticeOf({ ...moved, data })).toEqual({ send: false, reason: 'unreadable' });
  });

  it('is not sent without an e-mail address, without a key, or about nothing', () => {
    const nowhere = { ...moved, data: { ...moved.data, changed: [] } };
    expect(noticeOf(addressChanged('event-1', { after, email: '' }))).toEqual({
      send: false,
      reason: 'no-email',
    });
    expect(noticeOf({ ...moved, data: { changed: [], personal: null, erased: true } })).toEqual({
      send: false,
      reason: 'erased',
    });
    expect(noticeOf(nowhere)).toEqual({ send: false, reason: 'no-address' });
  });
});
