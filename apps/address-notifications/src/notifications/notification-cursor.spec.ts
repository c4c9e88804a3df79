import { decodeCursor, encodeCursor } from './notification-cursor.js';

it('a cursor says where a page ended', () => expect(decodeCursor(encodeCursor(42n))).toBe(42n));

it.each([
  '',
  'x',
  '????',
  Buffer.from('n01').toString('base64url'),
  Buffer.from('n-1').toString('base64url'),
])('%j is none', (text) => expect(decodeCursor(text)).toBeUndefined());
