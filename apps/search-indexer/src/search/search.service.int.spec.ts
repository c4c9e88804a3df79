import type { Customer } from '@app/contracts';
import { openDatabase } from '@app/database';
import { type TestDatabase, testDatabase } from '@app/testing';
import type { DataSource } from 'typeorm';
import { changed, erased, idOf, index } from '../../test/index-customers.js';
import { CursorError } from '../domain/cursor.js';
import { searchMigrations } from '../migrations/index.js';
import { SearchService } from './search.service.js';

let database: TestDatabase;
let dataSource: DataSource;
let search: SearchService;

const address = (line1: string, city: string, country = 'AU', more = {}) => ({
  addresses: { home: { line1, city, country, ...more } },
});
const people: Partial<Customer>[] = [
  {
    accountNumber: 'AW00011000',
    givenName: 'JON',
    familyName: 'YANG',
    email: 'jon24@adventure-works.com',
    phone: '1 (11) 500 555-0162',
    ...address('3761 N. 14th St', 'Rockhampton', 'AU', { postalCode: '4700' }),
  },
  {
    accountNumber: 'AW00011001',
    givenName: 'Jonathan',
    familyName: 'Yang',
    ...address('1 High St', 'Perth'),
  },
  {
    accountNumber: 'AW00011002',
    givenName: 'Zoë',
    familyName: 'Müller',
    ...address('Hauptstraße 5', 'München', 'DE'),
  },
  {
    accountNumber: 'AW00011003',
    givenName: 'Seán',
    familyName: "O'Brien",
    phone: '021 494 0000',
    ...address('2 Quay', 'Cork', 'IE'),
  },
  { accountNumber: 'AC-00042-X', givenName: 'Christy', familyName: 'Zhu', phone: '+44 161 496 0000' },
  {
    accountNumber: 'B7',
    givenName: 'Anne-Marie',
    familyName: 'Smith',
    ...address('10 Downing St', 'London', 'GB', { postalCode: 'SW1A 2AA' }),
  },
  { accountNumber: 'B8', givenName: 'Seth', familyName: 'Jones' },
  { accountNumber: 'B9', givenName: '李', familyName: '小龍' },
  { accountNumber: 'B10', givenName: 'Jan', familyName: 'Kowalski' },
];

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await openDatabase(database.url, { migrations: searchMigrations });
  search = new SearchService(dataSource);
  await index(
    dataSource,
    people.map((person, n) => changed({ ...person, id: idOf(n) })),
  );
  await index(dataSource, [changed({ id: idOf(99), familyName: 'Erasedname' })]);
  await index(dataSource, [erased(idOf(99), 2)]);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const accounts = async (q: string, more: { country?: string; city?: string } = {}) =>
  (await search.search({ q, ...more }, 20)).items.map(({ accountNumber }) => accountNumber);

describe('search finds', () => {
  it.each([
    ['a name', 'jon yang', 'AW00011000'],
    ['the name turned round', 'Yang, Jon', 'AW00011000'],
    ['a slip', 'Chrsity', 'AC-00042-X'],
    ['two slips', 'jhon yagn', 'AW00011000'],
    ['a slip that is a name as well', 'jan yang', 'AW00011000'],
    ['a forgotten letter', 'smth', 'B7'],
    ['the beginning of a word', 'chri', 'AC-00042-X'],
    ['initials', 'c zhu', 'AC-00042-X'],
    ['accents left out', 'zoe muller', 'AW00011002'],
    ['accents put in', 'zöe müllér', 'AW00011002'],
    ['a transcribed umlaut', 'mueller muenchen', 'AW00011002'],
    ['a sharp s', 'HAUPTSTRASSE', 'AW00011002'],
    ['an apostrophe left out', 'sean obrien', 'AW00011003'],
    ['an apostrophe put in', 'o’brien', 'AW00011003'],
    ['an apostrophe as a gap', 'o brien', 'AW00011003'],
    ['half a double name', 'marie smith', 'B7'],
    ['an e-mail address', 'JON24@adventure-works.com', 'AW00011000'],
    ['half an e-mail address', 'jon24', 'AW00011000'],
    ['a telephone number', '+1 (11) 500-555-0162', 'AW00011000'],
    ['a telephone number without its country', '(500) 555 0162', 'AW00011000'],
    ['a telephone number with a trunk prefix', '0161 496 0000', 'AC-00042-X'],
    ['a telephone number as it is dialled from abroad', '00353-21-494-0000', 'AW00011003'],
    ['a telephone number in the international form', '+353 (0)21 4940000', 'AW00011003'],
    ['its last digits, with a name', 'yang 0162', 'AW00011000'],
    ['an account number', 'aw00011000', 'AW00011000'],
    ['an account number with its signs', 'AC-00042-X', 'AC-00042-X'],
    ['an account number without them', 'ac00042x', 'AC-00042-X'],
    ['the beginning of an account number', 'AC-00042', 'AC-00042-X'],
    ['its digits', '11000', 'AW00011000'],
    ['a name and an account number', 'yang jon AW00011000', 'AW00011000'],
    ['part of an address', '3761 rockhampton', 'AW00011000'],
    ['numbers side by side', 'rockhampton 4700 3761 14th', 'AW00011000'],
    ['a postal code in two parts', 'sw1a 2aa', 'B7'],
    ['a postal code in one', 'sw1a2aa', 'B7'],
    ['one word too many', 'xyzzy jon yang', 'AW00011000'],
    ['another script', '小龍', 'B9'],
  ])('%s', async (_, q, account) => expect((await accounts(q))[0]).toBe(account));

  it('the exact name before the longer one', async () => {
    expect(await accounts('jon yang')).toEqual(['AW00011000', 'AW00011001']);
  });

  it.each([['nobody'], ['!!!'], ['erasedname'], ["' | 'xx':*"], ['=p:2'], ['\\'], [')'], [`o'x\\@y'|&`]])(
    'nobody for %j',
    async (q) => {
      expect(await accounts(q)).toEqual([]);
    },
  );

  it('who lives where, with words or without', async () => {
    expect(await accounts('yang', { city: 'perth' })).toEqual(['AW00011001']);
    expect(await accounts('', { country: 'DE' })).toEqual(['AW00011002']);
    expect(await accounts('', { country: 'DE', city: 'MUNCHEN' })).toEqual(['AW00011002']);
    expect(await accounts('yang', { country: 'GB' })).toEqual([]);
  });

  it('everybody who has not been erased, when nothing is asked', async () => {
    expect(await accounts('')).toHaveLength(people.length);
  });

  it('each customer whole, without what is not searched', async () => {
    const [item] = (await search.search({ q: 'jon24' }, 1)).items;
    const highlights = [{ pointer: '/email', ranges: [[0, 5]] }];
    expect(item).toEqual({ id: idOf(0), ...people[0], score: expect.any(Number), highlights });
    expect(Object.keys(item ?? {})[0]).toBe('id');
  });
});

describe('pages', () => {
  const twins = 45;
  beforeAll(() =>
    index(
      dataSource,
      Array.from({ length: twins }, (_, n) =>
        changed({
          id: idOf(1_000 + n),
          givenName: n % 3 ? 'Twin' : 'Twins',
          familyName: 'Pageable',
          ...address('1', 'Twintown'),
        }),
      ),
    ),
  );

  it.each([
    ['of a search', { q: 'twin pageable' }],
    ['of a list', { q: '', city: 'Twintown' }],
  ])('%s neither repeat nor miss', async (_, request) => {
    const found: string[] = [];
    const scores: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await search.search(request, 7, cursor);
      expect(page.items.length).toBeLessThanOrEqual(7);
      found.push(...page.items.map(({ id }) => id));
      scores.push(...page.items.map(({ score }) => score));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(new Set(found).size).toBe(twins);
    expect(found).toHaveLength(twins);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it.each([
    ['with slips', 'twni pagaeble'],
    ['of beginnings', 'pagea'],
  ])('of a search %s keep everybody, and nobody twice, while others come', async (_, q) => {
    const everybody = (await search.search({ q }, 200)).items.map(({ id }) => id);
    expect(everybody.length).toBeGreaterThan(20);
    const found: string[] = [];
    let cursor: string | undefined;
    let page = 0;
    do {
      const { items, nextCursor } = await search.search({ q }, 7, cursor);
      found.push(...items.map(({ id }) => id));
      cursor = nextCursor;
      // As many as would do for an answer of the narrowest reading, and whose name is the slip itself.
      const first = 2_000 + 10 * ++page;
      await index(
        dataSource,
        Array.from({ length: 6 }, (_, n) =>
          changed({ id: idOf(first + n), givenName: 'Twni', familyName: n % 2 ? 'Pagaeble' : 'Pagea' }),
        ),
      );
    } while (cursor !== undefined);
    expect(found).toEqual(expect.arrayContaining(everybody));
    expect(new Set(found).size).toBe(found.length);
  });

  it('end without a cursor when they end full', async () => {
    expect((await search.search({ q: 'twin pageable' }, twins)).nextCursor).toBeUndefined();
  });

  it('belong to their query', async () => {
    const { nextCursor } = await search.search({ q: 'twin' }, 5);
    await expect(search.search({ q: 'twins' }, 5, nextCursor)).rejects.toThrow(CursorError);
  });
});
