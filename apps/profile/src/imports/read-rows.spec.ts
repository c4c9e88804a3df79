import type { ImportFormat } from './import.entity.js';
import { readRows } from './read-rows.js';
import { type ReadRow, UnreadableFileError } from './row-reader.js';

async function read(format: ImportFormat, text: string | Buffer, pieceBytes = 7): Promise<ReadRow[]> {
  const all = Buffer.from(text as string);
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < all.length; at += pieceBytes) yield all.subarray(at, at + pieceBytes);
  }
  const rows: ReadRow[] = [];
  for await (const some of readRows(format, pieces())) rows.push(...some);
  return rows;
}

const outcome = ({ line, row }: ReadRow): [number, string | undefined] => [
  line,
  row.success ? row.content.accountNumber : row.refusal.column,
];

describe('rows of a CSV file', () => {
  it('come with their line, quoted line breaks, empty lines and CRLF counted', async () => {
    const text = [
      '\ufeffaccount_number,first_name,last_name,address_line1,city,country',
      'A1,Zoë,Byron,1 Main St,Łódź,PL',
      'A2,Ada,Byron,"Flat 2',
      'Rear Building",Lyon,FR',
      '',
      'A3,,Byron,1 Main St,Lyon,FR',
      'A4,Ada,"O""Neil, Jr.",1 Main St,Lyon,FR',
    ].join('\r\n');
    const rows = await read('csv', text);
    expect(rows.map(outcome)).toEqual([
      [2, 'A1'],
      [3, 'address_line1'],
      [6, 'first_name'],
      [7, 'A4'],
    ]);
  });

  it.each([
    ['is closed too early', 'A2,"Ada"x,Byron', { column: 'first_name' }, /wrong place/],
    ['begins inside a cell', 'A2,Ad"a,Byron', { column: 'first_name' }, /wrong place/],
    ['is never closed', 'A2,Ada,"Byron', { column: 'last_name' }, /not closed/],
    [
      'finds its partner rows later',
      'A2,Ada,"Byron\nA4,Ada,Byron\nA5,Ada,"B"',
      { column: 'last_name' },
      /not closed/,
    ],
  ])('go on behind a quote that %s', async (_what, broken, column, reason) => {
    const rows = await read(
      'csv',
      `account_number,first_name,last_name\nA1,Ada,Byron\n${broken}\nA3,Ada,Byron\n`,
    );
    expect(rows[1]?.line).toBe(3);
    expect(rows[1]?.row).toEqual({
      success: false,
      refusal: { ...column, reason: expect.stringMatching(reason) as string },
    });
    expect(rows.filter(({ row }) => row.success).map((row) => outcome(row)[1])).toEqual(
      broken.includes('A4') ? ['A1', 'A4', 'A5', 'A3'] : ['A1', 'A3'],
    );
  });

  it('that are no text are refused one by one', async () => {
    const text = Buffer.concat([
      Buffer.from('account_number,first_name,last_name\nA1,Ada,Byron\nA2,'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`,Byron\nA3,${'x'.repeat(200_000)},Byron\nA4,Ada,Byron`),
    ]);
    const rows = await read('csv', text, 1000);
    expect(rows).toMatchObject([
      { line: 2, row: { success: true } },
      { line: 3, row: { success: false, refusal: { reason: 'is not UTF-8' } } },
      { line: 4, row: { success: false, refusal: { reason: 'is longer than 64 KiB' } } },
      { line: 5, row: { success: true } },
    ]);
  });

  it.each(['', '\n\n', 'first_name\nAda\n', 'account_number,colour\nA1,red\n'])(
    'are not read from %j',
    async (text) => {
      await expect(read('csv', text)).rejects.toThrow(UnreadableFileError);
    },
  );
});

describe('lines of an NDJSON file', () => {
  it('come with their number', async () => {
    const rows = await read('ndjson', '{"accountNumber":"A1","givenName":"Ada"}\n\n{"accountNumber":\n');
    expect(rows.map(outcome)).toEqual([
      [1, 'A1'],
      [3, undefined],
    ]);
  });
});
