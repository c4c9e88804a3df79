import { type Address, addressKinds, type AddressKind, type OpenedEvent } from '@app/contracts';

/** What the notice is made of: kept until it has been sent. */
export interface NoticeContent {
  recipient: { name: string; email: string };
  kind: AddressKind;
  /** Absent when there was no address of this kind before. */
  before?: Address;
  /** Absent when the address was taken away. */
  after?: Address;
}

export type Notice =
  | { send: true; content: NoticeContent }
  | { send: false; reason: 'no-email' | 'no-address' | 'erased' | 'replay' };

/** Whom to tell what of an AddressChanged. A notice about one's own address does not need marketing consent. */
export function noticeOf(event: OpenedEvent, replay: boolean): Notice {
  const { personal, changed } = event.data;
  if (personal === null) return { send: false, reason: 'erased' };
  if (replay) return { send: false, reason: 'replay' };
  const { current, previous } = personal;
  if (!current.email) return { send: false, reason: 'no-email' };
  const kind = addressKinds.find((candidate) => changed.includes(`addresses.${candidate}`));
  if (kind === undefined) return { send: false, reason: 'no-address' };
  const before = previous.addresses?.[kind];
  const after = current.addresses[kind];
  return {
    send: true,
    content: {
      recipient: { name: nameOf(current), email: current.email },
      kind,
      ...(before ? { before } : {}),
      ...(after ? { after } : {}),
    },
  };
}

const nameOf = ({
  title,
  givenName,
  familyName,
}: {
  title?: string | undefined;
  givenName: string;
  familyName: string;
}) => [title, givenName, familyName].filter(Boolean).join(' ');
