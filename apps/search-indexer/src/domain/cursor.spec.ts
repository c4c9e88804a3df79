import { CursorError, decodeCursor, encodeCursor } from './cursor.js';

const request = { q: 'jon', country: 'AU', city: undefined };
const last = {
  score: 0.8503,
  id: '0190b3c4-0000-7000-8000-000000000001',
  reading: { depth: 4, spelt: '01' },
};

describe('a cursor', () => {
  it('says where a page ended', () => {
    expect(decodeCursor(encodeCursor(last, request), request)).toEqual(last);
  });

  it('belongs to its query', () => {
    expect(() => decodeCursor(encodeCursor(last, request), { ...request, q: 'jan' })).toThrow(CursorError);
  });

  it.each([
    { ...last, id: 'x' },
    { ...last, id: `${last.id}\0` },
    { ...last, score: null as never },
    { ...last, score: -1 },
    { ...last, reading: { depth: 9, spelt: '' } },
    { ...last, reading: { depth: 1, spelt: '2' } },
  ])('is refused when it says %j, though it was made with the right check', (forged) => {
    expect(() => decodeCursor(encodeCursor(forged, request), request)).toThrow(CursorError);
  });

  it('is refused wherever it was tampered with', () => {
    const cursor = encodeCursor(last, request);
    for (let place = 0; place < cursor.length; place++) {
      const other = cursor[place] === 'A' ? 'B' : 'A';
      const tampered = cursor.slice(0, place) + other + cursor.slice(place + 1);
      expect(() => decodeCursor(tampered, request)).toThrow(CursorError);
    }
  });

  it.each(['', 'x', '????', 'AAAA', `${encodeCursor(last, request)}=`])('%j is none', (text) => {
    expect(() => decodeCursor(text, request)).toThrow(CursorError);
  });
});
