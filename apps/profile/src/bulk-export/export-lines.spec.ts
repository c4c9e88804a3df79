import { aCustomer, anAddress } from '@app/testing';
import { customerAdded } from '../domain/facts.js';
import { readRows } from '../imports/read-rows.js';
import { exportLines } from './export-lines.js';

const customer = (change: object = {}) =>
  customerAdded(
    '01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b',
    { ...aCustomer(change), consents: {} },
    '2026-01-01T00:00:00.000Z',
  ).current;

async function readAgain(text: string) {
  const rows = [];
  for await (const some of readRows(
    'csv',
    (async function* () {
      yield Buffer.from(text);
    })(),
  ))
    rows.push(...some);
  return rows;
}

describe('the lines of an export', () => {
  it('in CSV are what an import takes, whatever stands in a cell', async () => {
    const odd = customer({
      familyName: 'O"Neil, "Bob"',
      title: undefined,
      addresses: { home: anAddress({ line1: '1, "Rue"', line2: undefined }) },
    });
    const { head, lineOf } = exportLines.csv;
    const [row, ...more] = await readAgain(head + lineOf(odd));
    expect(more).toEqual([]);
    const { accountNumber, givenName, familyName, email, phone, birthDate } = odd;
    expect(row?.row).toEqual({
      success: true,
      content: {
        accountNumber,
        members: { title: undefined, givenName, familyName, email, phone, birthDate },
        addresses: { home: odd.addresses.home },
      },
    });
  });

  it('in NDJSON have all of a customer', () => {
    const { head, lineOf } = exportLines.ndjson;
    const one = customer({ preferences: { language: 'nb' } });
    const line = lineOf(one);
    expect(head).toBe('');
    expect(line.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line)).toEqual(one);
  });
});
