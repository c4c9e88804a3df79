import { addressKinds, type AddressKind } from '@app/contracts';
import { z } from 'zod';
import { type Refused, refusalOf, wishesSchema } from './wishes.js';

/** As much of an address as is written on an envelope. */
const address = z.object({
  line1: z.string(),
  line2: z.string().optional(),
  city: z.string(),
  region: z.string().optional(),
  postalCode: z.string().optional(),
  country: z.string(),
});
const addresses = z.object({
  home: address.optional(),
  billing: address.optional(),
  shipping: address.optional(),
});

/** What a notice needs of an event; whatever else it says, somebody else may read. */
const told = z.object({
  changed: z.array(z.string()),
  personal: z
    .object({
      current: z.object({
        title: z.string().optional(),
        givenName: z.string(),
        familyName: z.string(),
        email: z.string().optional(),
        addresses,
        ...wishesSchema.shape,
      }),
      previous: z.object({ addresses: addresses.optional() }),
    })
    .nullable(),
});

export type EnvelopeAddress = z.infer<typeof address>;

/** What the notice is made of. */
export interface NoticeContent {
  recipient: { name: string; email: string };
  /** The preference `language`, as it was given; a BCP 47 tag at best. */
  language?: string;
  kind: AddressKind;
  /** Absent when there was no address of this kind before. */
  before?: EnvelopeAddress;
  /** Absent when the address was taken away. */
  after?: EnvelopeAddress;
}

export type Notice =
  | { send: true; content: NoticeContent }
  | { send: false; reason: 'no-email' | 'no-address' | 'erased' | 'unreadable' | Refused };

/**
 * Whom to tell what of an AddressChanged. A notice about one's own address does not need marketing consent. What a
 * stranger wrote under this name is unreadable at worst.
 * @param opened the event's data, with what is personal in the clear
 */
export function noticeOf(opened: unknown): Notice {
  const { success, data } = told.safeParse(opened);
  if (!success) return { send: false, reason: 'unreadable' };
  const { personal, changed } = data;
  if (personal === null) return { send: false, reason: 'erased' };
  const { current, previous } = personal;
  const refused = refusalOf('own-address', 'email', current);
  if (refused) return { send: false, reason: refused };
  if (!current.email) return { send: false, reason: 'no-email' };
  const kind = addressKinds.find((candidate) => changed.includes(`addresses.${candidate}`));
  if (kind === undefined) return { send: false, reason: 'no-address' };
  const name = [current.title, current.givenName, current.familyName].filter(Boolean).join(' ');
  const before = previous.addresses?.[kind];
  const after = current.addresses[kind];
  const { language } = current.preferences;
  return {
    send: true,
    content: {
      recipient: { name, email: current.email },
      ...(typeof language === 'string' ? { language } : {}),
      kind,
      ...(before ? { before } : {}),
      ...(after ? { after } : {}),
    },
  };
}
