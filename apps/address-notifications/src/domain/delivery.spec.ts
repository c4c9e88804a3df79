import { mostAttempts, retryPauseMs } from './delivery.js';
import { deliveryOf } from './smtp-answer.js';

it('refused for now waits longer each time, and never for hours', () => {
  const pauses = Array.from({ length: mostAttempts }, (_, deliveries) => retryPauseMs(deliveries, 1));
  expect(pauses.slice(0, 3)).toEqual([2_000, 4_000, 8_000]);
  expect(Math.max(...pauses)).toBe(900_000);
  expect(retryPauseMs(0, 0)).toBe(1_000);
});
describe('an SMTP error', () => {
  it.each([
    [
      { code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' },
      { outcome: 'refused', reason: 'smtp-550' },
    ],
    [
      { code: 'EENVELOPE', responseCode: 451, command: 'RCPT TO' },
      { outcome: 'retry', reason: 'smtp-451' },
    ],
    [
      { code: 'EMESSAGE', responseCode: 554, command: 'DATA' },
      { outcome: 'refused', reason: 'smtp-554' },
    ],
    [
      { code: 'EENVELOPE', responseCode: 421, command: 'MAIL FROM' },
      { outcome: 'unavailable', reason: 'smtp-421' },
    ],
    [
      { code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN' },
      { outcome: 'unavailable', reason: 'smtp-535' },
    ],
    [{ code: 'ECONNECTION' }, { outcome: 'unavailable', reason: 'smtp-econnection' }],
    [
      { code: 'ETIMEDOUT', command: 'CONN' },
      { outcome: 'unavailable', reason: 'smtp-etimedout' },
    ],
    [new Error('something with zoe@example.com in it'), { outcome: 'unavailable', reason: 'smtp-error' }],
  ])('%j is judged by whose fault it is, and quotes nobody', (error, delivery) => {
    expect(deliveryOf(error)).toEqual(delivery);
  });
});
