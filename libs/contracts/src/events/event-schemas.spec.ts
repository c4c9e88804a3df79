import { newPersonalDataKey, seal } from '../sealing/sealed-personal.js';
import { dataSchemaOf } from '../versions/event-versions.js';
import { allJsonSchemas, jsonSchemaOf } from '../versions/json-schemas.js';
import { sealedDataSchema } from './event-schemas.js';
import { eventTypes } from './event-types.js';

describe('event schemas', () => {
  it('gives two JSON Schemas an event, each with its own $id', () => {
    const ids = allJsonSchemas().map((schema) => schema['$id']);
    expect(new Set(ids).size).toBe(eventTypes.length * 2 + 1);
    expect(ids).toContain(dataSchemaOf('AddressChanged'));
  });

  it('takes what seal makes and refuses plain personal data', () => {
    const personal = seal({ current: {} }, 'kid', newPersonalDataKey());
    expect(sealedDataSchema.safeParse({ changed: ['email'], personal }).success).toBe(true);
    expect(sealedDataSchema.safeParse({ changed: ['email'], personal: { current: {} } }).success).toBe(false);
  });

  it('says that CustomerErased has nothing personal, and an erasure to confirm', () => {
    expect(jsonSchemaOf('CustomerErased', 'sealed')['required']).toEqual(['changed', 'erasureId']);
    expect(jsonSchemaOf('CustomerErased', 'opened')).toMatchObject({
      properties: { personal: { type: 'null' }, erased: { const: true } },
    });
  });
});
