import type { SendNotification } from '@app/contracts';
import { CommandRelay } from '@app/outbox';
import { AddressNotificationsModule } from '../../apps/address-notifications/src/address-notifications.module.js';
import { describeFold } from './handlers/describe-fold.js';
import type { Story } from './handlers/story.js';

process.env['SERVICEBUS_CONNECTION_STRING'] =
  'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=none;SharedAccessKey=none;UseDevelopmentEmulator=true;';

describeFold({
  name: 'notifications',
  module: AddressNotificationsModule.forRole('consumer'),
  // Nothing leaves the outbox: what is in it in the end is every command that was asked for.
  adapt: (builder) => builder.overrideProvider(CommandRelay).useValue({}),
  judge: async ({ database }, { stories }) => {
    const ids = stories.map(({ id }) => id);
    const rows = await database.query<{ event_id: string; status: string; reason: string | null }[]>(
      'SELECT event_id, status, reason FROM notification WHERE customer_id = ANY($1)',
      [ids],
    );
    const commands = await database.query<{ message_id: string; body: string }[]>(
      'SELECT message_id, body FROM command_outbox WHERE subject = ANY($1)',
      [ids],
    );
    const expected = stories.flatMap(noticesOf);
    const asked = expected.filter(([, outcome]) => outcome === 'queued').map(([id]) => id);
    return {
      found: {
        notices: rows.map(({ event_id, status, reason }) => `${event_id} ${reason ?? status}`).toSorted(),
        commands: commands.map(({ message_id }) => message_id).toSorted(),
        sealed: commands.map(({ body }) => typeof (JSON.parse(body) as SendNotification).data?.personal),
      },
      expected: {
        notices: expected.map((notice) => notice.join(' ')).toSorted(),
        commands: asked.toSorted(),
        sealed: asked.map(() => 'string'),
      },
    };
  },
});

/** One notice and one command for each change of an address, but for who is erased. */
function noticesOf({ erased, events }: Story): [eventId: string, outcome: string][] {
  return events.flatMap(({ id, type }): [string, string][] => {
    if (type !== 'AddressChanged') return [];
    return [[id, erased ? 'erased' : 'queued']];
  });
}
