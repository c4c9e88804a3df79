import { type LogPartition, planStarts } from './plan-starts.js';
import { replayFrom } from './replay-request.js';

const log: LogPartition[] = [
  { partitionId: '0', first: 0, last: 9 },
  { partitionId: '1', first: 5, last: 8 },
  { partitionId: '2', first: 7, last: 6 },
];
const whole = log.map((partition) => ({ ...partition, first: 0 }));
const at = (seconds: number) => new Date(1_790_000_000_000 + seconds * 1_000);
const refusal = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { document: unknown }).document;
  }
};
const firsts = log.map(({ partitionId, first }) => ({ partitionId, first }));

describe('where a replay begins', () => {
  it('from the earliest is the first event that is still there', () => {
    expect(planStarts({ kind: 'earliest' }, log, 'reapply')).toEqual(
      new Map([
        ['0', 0],
        ['1', 5],
        ['2', 7],
      ]),
    );
  });

  it('is not there for a rebuild once retention has passed, unless somebody says where', () => {
    expect(refusal(() => planStarts({ kind: 'earliest' }, log, 'rebuild'))).toMatchObject({
      status: 409,
      partitions: firsts,
    });
    expect(planStarts({ kind: 'earliest' }, whole, 'rebuild').size).toBe(3);
    const positions = new Map(log.map(({ partitionId, first }) => [partitionId, first]));
    expect(planStarts({ kind: 'positions', positions }, log, 'rebuild')).toBe(positions);
  });

  it('from a time is the first event since then, and the end where there is none', () => {
    const since = new Map([['0', { sequenceNumber: 4, enqueuedTime: at(10) }]]);
    expect(planStarts({ kind: 'time', time: at(9) }, log, 'reapply', since)).toEqual(
      new Map([
        ['0', 4],
        ['1', 9],
        ['2', 7],
      ]),
    );
  });

  it('from a time before the first event is refused where events have gone, and only there', () => {
    const found = (partitionId: string, sequenceNumber: number) =>
      new Map([[partitionId, { sequenceNumber, enqueuedTime: at(10) }]]);
    const from = { kind: 'time', time: at(9) } as const;
    expect(planStarts(from, log, 'reapply', found('0', 0)).get('0')).toBe(0);
    expect(refusal(() => planStarts(from, log, 'reapply', found('1', 5)))).toMatchObject({
      status: 409,
      type: '/problems/events-no-longer-there',
      partitions: firsts,
    });
    expect(planStarts({ ...from, time: at(10) }, log, 'reapply', found('1', 5)).get('1')).toBe(5);
  });

  it.each([
    [{ '9': 1 }, '/from/9', 'the hub has no partition 9'],
    [{ '0': 11 }, '/from/0', `lies behind the log's end: at most 10`],
    [{ '2': 8 }, '/from/2', `lies behind the log's end: at most 7`],
  ])('at %j is refused', (positions, pointer, detail) => {
    const from = { kind: 'positions', positions: new Map(Object.entries(positions)) } as const;
    expect(refusal(() => planStarts(from, log, 'reapply'))).toMatchObject({
      status: 400,
      errors: [{ pointer, detail }],
    });
  });

  it('at a position before the first event is 409', () => {
    const from = { kind: 'positions', positions: new Map([['1', 4]]) } as const;
    expect(refusal(() => planStarts(from, log, 'reapply'))).toMatchObject({
      status: 409,
      partitions: firsts,
    });
  });

  it('of a rebuild is named for every partition', () => {
    const from = { kind: 'positions', positions: new Map([['0', 0]]) } as const;
    expect(refusal(() => planStarts(from, log, 'rebuild'))).toMatchObject({
      status: 400,
      errors: [{ pointer: '/from' }],
    });
    expect(planStarts(from, log, 'reapply')).toEqual(new Map([['0', 0]]));
  });
});

describe('the body of a replay', () => {
  const now = at(0);
  it.each([
    [undefined, '/from'],
    ['latest', '/from'],
    ['2026-01-01', '/from'],
    ['2026-02-30T00:00:00Z', '/from'],
    [at(1).toISOString(), '/from'],
    [12, '/from'],
    [[], '/from'],
    [{}, '/from'],
    [null, '/from'],
    [{ '0': -1 }, '/from/0'],
    [{ '0': 1.5 }, '/from/0'],
    [{ '0': '1' }, '/from/0'],
    [{ 'a/b~': null }, '/from/a~1b~0'],
  ])('%j is refused at %s', (from, pointer) => {
    expect(refusal(() => replayFrom(from, now))).toMatchObject({ status: 400, errors: [{ pointer }] });
  });

  it('is a time with any offset, or positions', () => {
    expect(replayFrom('2026-01-01T01:00:00+01:00', now)).toEqual({
      kind: 'time',
      time: new Date('2026-01-01T00:00:00Z'),
    });
    expect(replayFrom({ '0': 0, '3': 12 }, now)).toEqual({
      kind: 'positions',
      positions: new Map([
        ['0', 0],
        ['3', 12],
      ]),
    });
  });
});
