import { Random, seedOfRun } from '@app/testing';
import { headerOf, noMapping } from './import-mapping.js';
import { type Row, rowOfJson, rowOfRecord } from './import-row.js';
import { plainContent } from './plain-row.js';

const columns =
  'account_number,title,first_name,last_name,email,phone,birth_date,address_line1,address_line2,city,region,postal_code,country';
const header = headerOf(columns.split(','), noMapping);
const plain = 'A1,Dr,Zoë,Łęcka,zoe.l@mail.example,+48 22,1966-04-08,1 Main St,Flat 2,Łódź,,90-001,PL';

const cells = [
  ['', ' ', 'A1', 'Zoë', 'x'.repeat(41), 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(101), 'x'.repeat(255)],
  [
    'a@b.c',
    'a.b@c.de',
    'a..b@c.de',
    '.a@b.de',
    "o'neil@x.org",
    'a@-b.de',
    'a@b-.de',
    `${'a'.repeat(250)}@b.de`,
  ],
  [
    '2024-02-29',
    '2023-02-29',
    '1799-12-31',
    '2999-01-01',
    '1966-04-31',
    '20100-01-01',
    '1966-4-8',
    '2019-12-28',
  ],
  ['tab\tbed', 'nul\0', '\ud800 alone', '𝄞', '\u007f', 'GB', 'gb', 'XX', 'GBR'],
].flat();

/** The same row through the schema alone. */
function judged(record: readonly string[]) {
  const [number, title, first, last, email, phone, birth, line1, line2, city, region, postal, country] =
    record.map((cell) => cell.trim());
  const home = { line1, line2, city, region, postalCode: postal, country };
  const said = Object.entries(home).filter(([, cell]) => cell);
  return rowOfJson(
    JSON.stringify({
      accountNumber: number,
      title: title || undefined,
      givenName: first,
      familyName: last,
      email: email || undefined,
      phone: phone || undefined,
      birthDate: birth || undefined,
      addresses: { home: said.length > 0 ? Object.fromEntries(said) : undefined },
    }),
  );
}

const contentOf = (row: Row) => (row.success ? row.content : 'refused');

describe('a row that is right beyond doubt', () => {
  it('is one without anything odd', () => {
    expect(plainContent({ accountNumber: 'A1', givenName: 'Zoë', email: undefined })).toEqual({
      accountNumber: 'A1',
      members: { givenName: 'Zoë', email: undefined },
      addresses: {},
    });
    expect(plainContent({ accountNumber: '' })).toBeUndefined();
    expect(plainContent({ accountNumber: 'A1', addresses: { home: { city: 'Łódź' } } })).toBeUndefined();
  });

  it('is what the schema makes of it, and what is not right is refused as ever', () => {
    const random = new Random(seedOfRun());
    for (let n = 0; n < 1_500; n++) {
      const record = plain.split(',');
      for (let changes = random.below(3); changes > 0; changes--)
        record[random.below(record.length)] = random.pick(cells);
      expect([record, contentOf(rowOfRecord(header, record))]).toEqual([record, contentOf(judged(record))]);
    }
  });
});
