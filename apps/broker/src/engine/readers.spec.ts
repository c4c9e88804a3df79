import { Readers, type Reader } from './readers.js';

const log: string[] = [];
const reader = (name: string, epoch?: number): Reader => ({
  name,
  epoch,
  nextOffset: 0,
  stolen: () => log.push(name),
});
const refusedWith = (condition: string) => expect.objectContaining({ ok: false, condition });

describe('the readers of a partition in a group', () => {
  let readers: Readers;
  beforeEach(() => {
    readers = new Readers(5);
    log.length = 0;
  });

  it('are five at most without an owner level', () => {
    for (let i = 0; i < 5; i++) expect(readers.admit(reader(`r${i}`))).toEqual({ ok: true });
    expect(readers.admit(reader('sixth'))).toEqual(refusedWith('amqp:resource-limit-exceeded'));
  });

  it('make room when one leaves', () => {
    const all = Array.from({ length: 5 }, (_, i) => reader(`r${i}`));
    for (const one of all) readers.admit(one);
    readers.remove(all[2] as Reader);
    expect(readers.admit(reader('next'))).toEqual({ ok: true });
  });

  it('all give way to an owner', () => {
    readers.admit(reader('a'));
    readers.admit(reader('b'));
    expect(readers.admit(reader('owner', 0))).toEqual({ ok: true });
    expect(log).toEqual(['a', 'b']);
    expect(readers.admit(reader('late'))).toEqual(refusedWith('amqp:link:stolen'));
  });

  it('give way to an equal or higher level, never to a lower one', () => {
    readers.admit(reader('one', 1));
    expect(readers.admit(reader('lower', 0))).toEqual(refusedWith('amqp:link:stolen'));
    expect(readers.admit(reader('equal', 1))).toEqual({ ok: true });
    expect(readers.admit(reader('higher', 7))).toEqual({ ok: true });
    expect(log).toEqual(['one', 'equal']);
    expect(readers.count).toBe(1);
  });
});
