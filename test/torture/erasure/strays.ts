import type { Platform } from '../../support/platform.js';
import type { Canary } from './canaries.js';

const ofNobody = '0190a1b2-0000-7000-8000-00000000dead';

type Stray = (platform: Platform) => Promise<Response>;

const post =
  (path: string, body: string, headers: Record<string, string> = {}): Stray =>
  (platform) =>
    platform.request('profile', path, { method: 'POST', body, headers });
const get =
  (service: Parameters<Platform['request']>[0], path: string): Stray =>
  (platform) =>
    platform.request(service, path);

/** Ways by which what somebody typed gets where it does not belong, one request each; all are answered, few kindly. */
const strays: ((word: string, phone: string) => Stray)[] = [
  (word) => post('/v1/customers', `{"givenName":"${word}`),
  (word) => post('/v1/customers', JSON.stringify({ [word]: word })),
  (word) => post('/v1/customers', `{"${word}":1,"${word}":2}`),
  (word) => post('/v1/customers', word, { 'content-type': `text/${word}` }),
  (word) => post('/v1/customers', '{}', { 'idempotency-key': `"${word}"` }),
  (word) => post('/v1/customers', JSON.stringify({ accountNumber: word, email: word, phone: word })),
  (word) =>
    post('/v1/customers', '{}', { authorization: `Bearer ${word}`, traceparent: word, 'user-agent': word }),
  (word) => post('/v1/imports', `{"accountNumber":"${word}`, { 'content-type': 'application/x-ndjson' }),
  (word) => post('/v1/imports', `${word},b\n"${word}`, { 'content-type': 'text/csv' }),
  (word) => post('/v1/imports', word, { 'content-type': 'text/csv', 'content-encoding': 'gzip' }),
  (word) => post(`/v1/imports?mapping=${word}`, word, { 'content-type': 'text/csv' }),
  (word) => post(`/v1/customers/${ofNobody}/merge`, JSON.stringify({ duplicateId: word })),
  (word) => post('/v1/personal-data-keys', JSON.stringify({ customerIds: [word] })),
  (word) => post(`/v1/erasures/${ofNobody}/confirmations`, JSON.stringify({ consumerGroup: word })),
  (word) => get('profile', `/v1/customers/${word}`),
  (word) => get('profile', `/${word}`),
  (word) => get('profile', `/v1/customers?${word}=${word}&cursor=${word}`),
  (word) => get('profile', `/v1/customers?email=%00${word}`),
  (word, phone) => get('search-indexer', `/v1/search/customers?q=${word}%20%2B${phone}&cursor=${word}`),
  (word) => get('search-indexer', `/v1/search/customers?q=${word}%27%5C%20%3A*%20%7C&city=${word}`),
  (word) => get('search-indexer', `/admin/effects/${word}?wait=1ms`),
  (word) => get('audit', `/v1/audit/entries?cursor=${word}`),
  (word) => get('audit', `/admin/parked/${word}?source=${word}`),
  (word) => get('address-notifications', `/v1/notifications?customerId=${word}`),
  (word) => get('console', `/v1/events/${word}/effects?wait=1ms&groups=${word}`),
];

/** @returns the status of each answer */
export async function goAstray(platform: Platform, canaries: readonly Canary[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const [index, canary] of canaries.entries()) {
    const stray = strays[index % strays.length]?.(canary.word, canary.phone);
    if (stray) statuses.push((await stray(platform)).status);
  }
  return statuses;
}
