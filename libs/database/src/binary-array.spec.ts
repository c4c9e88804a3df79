import { type TestDatabase, testDatabase } from '@app/testing';
import { Client } from 'pg';
import { type ArrayType, binaryArray } from './binary-array.js';

const arrays: Record<ArrayType, unknown[]> = {
  text: ['', 'Zoë "quoted" {a,b} \\ NULL', null, '𝄞 Łódź'],
  jsonb: ['{"city":"Łódź"}', null, '[]', '"x"'],
  bytea: [Buffer.from([0, 255, 92]), null, Buffer.alloc(32, 7)],
  uuid: ['01990a1b-2c3d-7e4f-8a5b-6c7d8e9f0a1b', null, 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  smallint: [0, -1, null, 32767],
  integer: [0, -1, null, 2 ** 31 - 1],
  bigint: [0n, -(2n ** 63n), null, 2n ** 63n - 1n],
  date: ['2000-01-01', '1800-01-01', null, '1999-12-31', '2024-02-29'],
  timestamptz: ['2026-11-23T08:00:00.123Z', null, '1970-01-01T00:00:00.000Z', '1999-12-31T23:59:59.999Z'],
};

describe('an array in binary', () => {
  let database: TestDatabase;
  let client: Client;

  beforeAll(async () => {
    database = await testDatabase();
    client = new Client(database.url);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const asText = async (type: string, value: unknown) => {
    const { rows } = await client.query<{ text: string }>(`SELECT ($1::${type}[])::text AS text`, [value]);
    return rows[0]?.text;
  };

  it.each(Object.keys(arrays) as ArrayType[])('of %s is what it is as text', async (type) => {
    const values = arrays[type];
    expect(await asText(type, binaryArray(type, values))).toBe(await asText(type, values));
    expect(await asText(type, binaryArray(type, []))).toBe('{}');
  });
});
