import { mostAttempts, nextState } from './delivery.js';
import { deliveryOf } from './smtp-answer.js';

describe('what becomes of a notification', () => {
  it('sent is sent', () => {
    expect(nextState(3, { outcome: 'sent' }, 0.5)).toEqual({
      status: 'sent',
      attempts: 4,
      reason: null,
      retryInMs: null,
    });
  });

  it('refused for good fails at once', () => {
    expect(nextState(0, { outcome: 'refused', reason: 'smtp-550' }, 0.5)).toMatchObject({
      status: 'failed',
      reason: 'smtp-550',
    });
  });

  it('refused for now waits longer each time, and fails after ten times', () => {
    const states = Array.from({ length: mostAttempts }, (_, attempts) =>
      nextState(attempts, { outcome: 'retry', reason: 'smtp-451' }, 1),
    );
    expect(states.slice(0, 3).map(({ retryInMs }) => retryInMs)).toEqual([2_000, 4_000, 8_000]);
    expect(states.map(({ status }) => status)).toEqual([...Array<string>(9).fill('queued'), 'failed']);
  });
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
