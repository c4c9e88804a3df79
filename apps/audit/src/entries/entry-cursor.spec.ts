import { placeOf, positionAt } from './entry-cursor.js';

it('a cursor says where a page ended', () => {
  const place = { partitionId: 3, position: 123_456n };
  expect(placeOf(positionAt(place))).toEqual(place);
});
