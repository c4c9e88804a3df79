import { hashOf } from './chain.js';
import type { AuditEntryEvidence, Evidence, HistoryEntry, LogObservation } from './evidence.js';

/** Ada (a1) written three times, Bob (b1) once and perhaps a second time: everything as it must be. */
export function goodRun(): Required<Evidence> {
  const log = [
    record('0', 1, 'e1', 'a1', 1, 't1'),
    record('1', 1, 'e4', 'b1', 1, 't4'),
    record('0', 2, 'e2', 'a1', 2, 't2'),
    // The relay died before it could note e2: it comes again.
    record('0', 3, 'e2', 'a1', 2, 't2'),
    record('0', 4, 'e3', 'a1', 3, 't3'),
  ];
  const eventIds = ['e1', 'e2', 'e3', 'e4'];
  return {
    history: [
      line(1, 'create', 'invoke', 'ada', { token: 't1' }),
      line(2, 'create', 'ok', 'ada', { token: 't1', version: 1 }),
      line(3, 'read', 'invoke', 'ada'),
      line(4, 'read', 'ok', 'ada', { version: 1 }),
      line(5, 'update', 'invoke', 'ada', { token: 't2' }),
      line(6, 'update', 'ok', 'ada', { token: 't2', version: 2 }),
      line(7, 'update', 'invoke', 'ada', { token: 't5' }),
      line(8, 'update', 'fail', 'ada', { token: 't5' }),
      line(9, 'update', 'invoke', 'ada', { token: 't3' }),
      line(10, 'update', 'info', 'ada', { token: 't3' }),
      line(11, 'create', 'invoke', 'bob', { token: 't4' }),
      line(12, 'create', 'ok', 'bob', { token: 't4', version: 1 }),
    ],
    database: [
      { customer: 'ada', id: 'a1', version: 3, tokens: ['t3'] },
      { customer: 'bob', id: 'b1', version: 1, tokens: ['t4'] },
    ],
    log: [...log, ...log.map((one) => ({ ...one, observer: 'another reader' }))],
    groups: [
      {
        group: 'audit',
        movements: [
          { partition: '0', epoch: 1, generation: 1, sequenceNumber: 1 },
          { partition: '1', epoch: 1, generation: 1, sequenceNumber: 1 },
          { partition: '0', epoch: 2, generation: 1, sequenceNumber: 4 },
        ],
        applied: [
          { eventId: 'e1', generation: 1, movement: 0 },
          { eventId: 'e4', generation: 1, movement: 1 },
          { eventId: 'e2', generation: 1, movement: 2 },
        ],
        aside: ['e3'],
      },
    ],
    effects: [{ consumer: 'audit', eventIds }],
    search: [
      { id: 'a1', version: 3, tokens: ['t3'] },
      { id: 'b1', version: 1, tokens: ['t4'] },
    ],
    audit: auditOf(log.filter((_, index) => index !== 3)),
    calm: { consumer: 'c', calm: ['row 1', 'row 1'], found: ['row 1', 'row 1'], outside: [], sent: eventIds },
  };
}

export function line(
  seq: number,
  op: HistoryEntry['op'],
  phase: HistoryEntry['phase'],
  customer: string,
  more: { token?: string; version?: number } = {},
): HistoryEntry {
  return { seq, monoNs: String(seq * 1_000), proc: 'writer-1', op, phase, customer, ...more };
}

export function record(
  partition: string,
  sequenceNumber: number,
  eventId: string,
  subject: string,
  version: number,
  token: string,
): LogObservation {
  const place = { observer: 'reader', partition, sequenceNumber, offset: String(sequenceNumber * 100) };
  return { ...place, crc: version * 7, eventId, type: 'AddressChanged', subject, version, tokens: [token] };
}

export function auditOf(log: readonly LogObservation[]): Required<Evidence>['audit'] {
  const entries: AuditEntryEvidence[] = [];
  for (const { partition, eventId, type, subject, version, sequenceNumber } of log.toSorted((a, b) =>
    a.partition.localeCompare(b.partition),
  )) {
    const before = entries.findLast((entry) => entry.partition === Number(partition));
    const entry = {
      partition: Number(partition),
      position: (before?.position ?? 0) + 1,
      eventId,
      source: '/profile',
      type,
      subject,
      version,
      headers: '{}',
      body: Buffer.from('{}'),
      sequenceNumber,
      enqueuedAt: 1_790_000_000_000,
      recordedAt: 1_790_000_000_001,
      previousHash: before?.hash ?? '00'.repeat(32),
      hash: '',
    };
    entries.push({ ...entry, hash: hashOf(entry) });
  }
  const last = entries[2];
  if (!last) throw new Error('the good run has three entries in partition 0');
  return { entries, heads: [{ partition: 0, position: 3, hash: last.hash }] };
}
