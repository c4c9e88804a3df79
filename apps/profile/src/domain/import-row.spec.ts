import type { Customer } from '@app/contracts';
import { headerOf, noMapping } from './import-mapping.js';
import { contentFor, contentForNew, type Row, rowOfJson, rowOfRecord } from './import-row.js';
import type { RowContent } from './row-content.js';

const header =
  'account_number,title,first_name,last_name,email,phone,birth_date,address_line1,address_line2,city,region,postal_code,country';
const columns = header.split(',');
const line =
  'AW00011000,MR.,JON,YANG,jon24@adventure-works.com,1 (11) 500 555-0162,1966-04-08,3761 N. 14th St,,Rockhampton,QLD,4700,AU';
const record = line.split(',');
const changed = (column: string, value: string): string[] =>
  record.map((cell, index) => (columns[index] === column ? value : cell));

const rowOf = (names: readonly string[], cells: readonly string[]): Row =>
  rowOfRecord(headerOf(names, noMapping), cells);

function contentOf(names: readonly string[], cells: readonly string[]): RowContent {
  const row = rowOf(names, cells);
  if (!row.success) throw new Error(row.refusal.reason);
  return row.content;
}

describe('a CSV row', () => {
  it('is a customer with a home address', () => {
    expect(contentForNew(contentOf(columns, record))).toEqual({
      accountNumber: 'AW00011000',
      title: 'MR.',
      givenName: 'JON',
      familyName: 'YANG',
      email: 'jon24@adventure-works.com',
      phone: '1 (11) 500 555-0162',
      birthDate: '1966-04-08',
      addresses: {
        home: {
          line1: '3761 N. 14th St',
          city: 'Rockhampton',
          region: 'QLD',
          postalCode: '4700',
          country: 'AU',
        },
      },
      preferences: {},
      consents: {},
    });
  });

  it.each([
    ['birth_date', '1966-13-01', /calendar date/],
    ['birth_date', '08/04/1966', /calendar date/],
    ['first_name', '  ', /empty/],
    ['last_name', '', /empty/],
    ['account_number', '', /empty/],
    ['email', 'jon at example', /e-mail/],
    ['country', 'XX', /country/],
    ['city', '', /./],
    ['phone', '5'.repeat(41), /40/],
  ])('with %s %j is refused for it', (column, value, reason) => {
    const row = rowOf(columns, changed(column, value));
    expect(row).toMatchObject({
      success: false,
      refusal: { column, reason: expect.stringMatching(reason) as string },
    });
  });

  it('with too few columns is refused', () => {
    expect(rowOf(columns, record.slice(1))).toMatchObject({
      success: false,
      refusal: { reason: 'has 12 columns where the header has 13' },
    });
  });

  it('with an address only changes the address and nothing else', () => {
    const moves = ['account_number', 'address_line1', 'city', 'country'];
    const row = contentOf(moves, ['AW00011000', '1 rue de Rivoli', 'Paris', 'FR']);
    const current = { accountNumber: 'AW00011000', givenName: 'JON', email: 'j@example.org', addresses: {} };
    expect(contentFor(row, current as Customer)).toEqual({
      ...current,
      addresses: { home: { line1: '1 rue de Rivoli', city: 'Paris', country: 'FR' } },
    });
    expect(contentForNew(row)).toEqual({
      column: 'account_number',
      reason: 'no customer has this account number',
    });
  });

  it('without an address takes the home address away', () => {
    const cells = record.map((cell, index) => (index >= 7 ? '' : cell));
    const row = contentOf(columns, cells);
    const home = { line1: 'h', city: 'y', country: 'FR' };
    expect(contentFor(row, { addresses: { home, billing: home } } as Customer).addresses).toEqual({
      billing: home,
    });
    expect(contentForNew(row)).toMatchObject({ addresses: {} });
  });

  it('keeps what the file does not speak of, and takes away what it leaves empty', () => {
    const row = contentOf(['account_number', 'email'], ['A1', '']);
    const current = { accountNumber: 'A1', email: 'a@example.org', phone: '1', addresses: {} };
    expect(contentFor(row, current as Customer)).toEqual({ ...current, email: undefined });
  });
});

describe('an NDJSON line', () => {
  it('is a customer', () => {
    const row = rowOfJson('{"accountNumber":"A1","givenName":"Ada","familyName":"Byron"}');
    expect(row).toMatchObject({
      success: true,
      content: { accountNumber: 'A1', members: { givenName: 'Ada' } },
    });
  });

  it('changes the kinds of address that it names, and no other', () => {
    const row = rowOfJson(
      '{"accountNumber":"A1","addresses":{"billing":{"line1":"x","city":"y","country":"FR"}}}',
    );
    expect(row).toMatchObject({ success: true });
    const { content } = row as { content: RowContent };
    const current = { accountNumber: 'A1', addresses: { home: { line1: 'h', city: 'y', country: 'FR' } } };
    expect(contentFor(content, current as Customer).addresses).toEqual({
      ...current.addresses,
      billing: { line1: 'x', city: 'y', country: 'FR' },
    });
  });

  it('does not quote what it cannot read', () => {
    expect(rowOfJson('ada lovelace')).toEqual({ success: false, refusal: { reason: 'is not JSON' } });
  });

  it.each([
    ['{"accountNumber":"A1"', undefined],
    ['[]', undefined],
    ['{"accountNumber":"A1","accountNumber":"A2"}', 'accountNumber'],
    [String.raw`{"\u0000":1,"\u0000":2}`, undefined],
    ['{"accountNumber":"A1","preferences":{"k":"1","k":"2"}}', 'preferences.k'],
    ['{"accountNumber":"A1","email":"x"}', 'email'],
    [
      '{"accountNumber":"A1","addresses":{"home":{"line1":"x","city":"y","country":"XX"}}}',
      'addresses.home.country',
    ],
  ])('%s is refused for %s', (text, column) => {
    const row = rowOfJson(text);
    expect(row).toMatchObject({ success: false, refusal: column === undefined ? {} : { column } });
  });
});
