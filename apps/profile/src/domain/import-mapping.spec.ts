import { headerOf, type ImportMapping, importMapping, noMapping } from './import-mapping.js';
import { rowOfRecord } from './import-row.js';

const mapping = (wanted: object): ImportMapping => importMapping.parse(wanted);

describe('a header', () => {
  it.each([
    ['account_number,shoe_size', 'the column "shoe_size" is not a column we know'],
    ['account_number,city,city', 'the column "city" stands in the header twice'],
    ['first_name,last_name', 'the column "account_number" is missing'],
  ])('%s is refused', (header, message) => {
    expect(() => headerOf(header.split(','), noMapping)).toThrow(message);
  });

  it('takes the columns in any order, and those of a report of refused rows', () => {
    const { columns } = headerOf(['import_line', 'city', 'import_reason', 'account_number'], noMapping);
    expect(columns).toEqual([undefined, 'city', undefined, 'account_number']);
  });
});

describe('a mapping', () => {
  const theirs = ['Kundennummer', 'Ort', 'Schuhgröße'];
  const columns = { Kundennummer: 'account_number', Ort: 'city' };

  it('renames columns, passes others over, and fills in constants', () => {
    const header = headerOf(
      theirs,
      mapping({
        columns: { ...columns, Schuhgröße: null },
        constants: { country: 'DE', address_line1: 'Hauptstr. 1' },
      }),
    );
    const row = rowOfRecord(header, ['K1', 'Bonn', '42']);
    expect(row).toMatchObject({
      success: true,
      content: {
        accountNumber: 'K1',
        addresses: { home: { line1: 'Hauptstr. 1', city: 'Bonn', country: 'DE' } },
      },
    });
    expect(header.nameOf('city')).toBe('Ort');
    expect(header.nameOf('country')).toBe('country');
  });

  it('may pass over whatever it does not name', () => {
    expect(headerOf(theirs, mapping({ columns, otherColumns: 'ignore' })).columns).toEqual([
      'account_number',
      'city',
      undefined,
    ]);
  });

  it.each([
    [
      { columns: { ...columns, Nachname: 'last_name' } },
      '"Nachname" is named by the mapping, but not in the header',
    ],
    [{ columns }, '"Schuhgröße" is not a column we know'],
    [{ columns: { ...columns, Schuhgröße: 'city' } }, '"Schuhgröße" is city, like another column'],
    [
      { columns: { ...columns, Schuhgröße: null }, constants: { city: 'Bonn' } },
      '"Ort" is a constant of the mapping, too',
    ],
  ])('%j does not fit this header', (wanted, message) => {
    expect(() => headerOf(theirs, mapping(wanted))).toThrow(message);
  });

  it.each([
    [{ columns: { Ort: 'town' } }, 'must be one of account_number'],
    [{ constants: { town: 'Bonn' } }, 'town'],
    [{ delimiter: ':' }, 'delimiter'],
    [{ colums: {} }, 'colums'],
  ])('%j is none', (wanted, message) => {
    const { error } = importMapping.safeParse(wanted);
    expect(JSON.stringify(error?.issues)).toContain(message);
  });
});
