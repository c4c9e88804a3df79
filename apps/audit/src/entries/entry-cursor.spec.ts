import { decodeCursor, encodeCursor } from './entry-cursor.js';

it('a cursor says where a page ended', () => {
  const place = { partitionId: 3, position: 123_456n };
  expect(decodeCursor(encodeCursor(place))).toEqual(place);
});

it.each([
  '',
  'x',
  '????',
  encodeCursor({ partitionId: 99_999, position: 1n }),
  `${encodeCursor({ partitionId: 1, position: 1n })}=`,
  Buffer.from('01.1').toString('base64url'),
])('%j is none', (text) => {
  expect(decodeCursor(text)).toBeUndefined();
});
