import { eventTypes, exampleOf, jsonSchemaOf } from '@app/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { seedOfRun } from '../random.js';
import { anEvent } from './an-event.js';
import { lives } from './lives.js';
import { arbitraryOf, UnsupportedSchemaError } from './schema-arbitrary.js';

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const seed = seedOfRun();

describe.each(eventTypes)('%s', (type) => {
  const valid = ajv.compile(jsonSchemaOf(type, 'opened'));
  const flawsOf = (data: unknown) => (valid(JSON.parse(JSON.stringify(data))) ? [] : valid.errors);

  it('is generated as its schema says, about one customer', () => {
    fc.assert(
      fc.property(anEvent(type), ({ subject, customerversion, data }) => {
        expect(flawsOf(data)).toEqual([]);
        if (data.personal === null) return;
        expect(data.personal.current).toMatchObject({ id: subject, version: customerversion });
      }),
      { numRuns: 50, seed },
    );
  });

  it('has an example that fits', () => expect(flawsOf(exampleOf(type).data)).toEqual([]));
});

describe('a stream of generated events', () => {
  it('tells lives: added first, without a gap, erased last', () => {
    fc.assert(
      fc.property(lives(['AddressChanged', 'ConsentChanged']), (events) => {
        const versions = new Map<string, number>();
        for (const { type, subject, customerversion } of events) {
          const before = versions.get(subject) ?? 0;
          expect(customerversion).toBe(before + 1);
          expect(type === 'CustomerAdded').toBe(before === 0);
          versions.set(subject, type === 'CustomerErased' ? Number.NaN : customerversion);
        }
      }),
      { numRuns: 200, seed },
    );
  });

  it('refuses a schema that it knows no values for', () => {
    expect(() => arbitraryOf({ not: { type: 'string' } })).toThrow(UnsupportedSchemaError);
  });
});
