import { randomUUID } from 'node:crypto';
import { seal } from '@app/contracts';
import type { OutgoingCommand } from '@app/service-bus';
import { anAddress, type Random } from '@app/testing';
import { keyOf } from '../../bench/consumer/key-service.mjs';

/** A command, and the reason why nobody can do it, where that is so. */
export interface TestCommand {
  command: OutgoingCommand;
  poison?: string;
}

const name = 'SendNotification';

/** Commands as the consumer makes them, one in `poisonOneIn` spoilt in one of several ways. */
export function makeCommands(count: number, poisonOneIn: number, random: Random): TestCommand[] {
  return Array.from({ length: count }, () => {
    const good = goodCommand();
    return random.below(poisonOneIn) === 0 ? random.pick(spoilt)(good) : { command: good };
  });
}

function goodCommand(): OutgoingCommand {
  const [messageId, customerId] = [randomUUID(), randomUUID()];
  const current = {
    givenName: 'Kari',
    familyName: 'Nordmann',
    email: `${messageId}@example.com`,
    addresses: { home: anAddress() },
    preferences: {},
    consents: {},
  };
  const personal = seal({ current, previous: {} }, customerId, keyOf(customerId));
  const data = { changed: ['addresses.home'], personal };
  const body = JSON.stringify({ notificationId: messageId, about: 'AddressChanged', customerId, data });
  return { messageId, name, body, correlationId: customerId };
}

const spoilt: readonly ((good: OutgoingCommand) => TestCommand)[] = [
  (good) => ({ command: { ...good, body: 'Kari Nordmann' }, poison: 'UnreadableBody' }),
  (good) => ({ command: { ...good, name: 'SendPigeon' }, poison: 'NoHandler' }),
  (good) => ({ command: { ...good, body: '{"notificationId": 7}' }, poison: 'malformed' }),
  // One character of the sealed data's tag is another.
  (good) => ({
    command: { ...good, body: good.body.replace(/.(?=.{4}"\}\}$)/, another) },
    poison: 'unreadable',
  }),
];

const another = (character: string): string => (character === 'A' ? 'Q' : 'A');
