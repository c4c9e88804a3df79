import { eventually } from '@app/testing';
import { AddressNotificationsModule } from '../../apps/address-notifications/src/address-notifications.module.js';
import type { Mail } from '../../apps/address-notifications/src/mail/mail.js';
import { Mailer } from '../../apps/address-notifications/src/sending/mailer.js';
import { describeFold } from './handlers/describe-fold.js';
import type { Story } from './handlers/story.js';

const mails: string[] = [];
const mailer: Mailer = {
  inFlight: 5,
  send: async ({ messageId }: Mail) => {
    mails.push(messageId);
    return { outcome: 'sent' };
  },
  close: () => undefined,
};

describeFold({
  name: 'notifications',
  module: AddressNotificationsModule,
  adapt: (builder) => builder.overrideProvider(Mailer).useValue(mailer),
  judge: async ({ database }, { stories }) => {
    const ids = stories.map(({ id }) => id);
    const rows = await eventually(async () => {
      const found = await database.query<{ event_id: string; status: string; reason: string | null }[]>(
        'SELECT event_id, status, reason FROM notification WHERE customer_id = ANY($1) ORDER BY id',
        [ids],
      );
      return found.every(({ status }) => status !== 'queued') && found;
    });
    const expected = stories.flatMap(noticesOf);
    const sent = expected
      .filter(([, outcome]) => outcome === 'sent')
      .map(([id]) => `<${id}@profile.internal>`);
    return {
      found: {
        notices: rows.map(({ event_id, status, reason }) => `${event_id} ${reason ?? status}`).toSorted(),
        mails: mails.splice(0).toSorted(),
      },
      expected: { notices: expected.map((notice) => notice.join(' ')).toSorted(), mails: sent.toSorted() },
    };
  },
});

/** One notice for each change of an address: a mail, or the reason why there is none. */
function noticesOf({ erased, events, states }: Story): [eventId: string, outcome: string][] {
  return events.flatMap(({ id, type }, index): [string, string][] => {
    if (type !== 'AddressChanged') return [];
    if (erased) return [[id, 'erased']];
    return [[id, states[index]?.email ? 'sent' : 'no-email']];
  });
}
