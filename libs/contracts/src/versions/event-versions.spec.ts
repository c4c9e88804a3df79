import { z } from 'zod';
import { firstSchemas } from '../events/event-schemas.js';
import {
  dataSchemaOf,
  type EventVersions,
  unknownDataSchema,
  upcastData,
  versionNamed,
} from './event-versions.js';

const first = { schemas: firstSchemas('AddressChanged') };
const both = z.object({});
/** `changed` became `paths`, then `kinds`. */
const versions: EventVersions = [
  first,
  {
    schemas: { sealed: both, opened: both },
    upcast: (before) => {
      const { changed, ...rest } = before as { changed: string[] };
      return { ...rest, paths: changed };
    },
  },
  {
    schemas: { sealed: both, opened: both },
    upcast: (before) => {
      const { paths, ...rest } = before as { paths: string[] };
      return { ...rest, kinds: paths.map((path) => path.split('.')[1]) };
    },
  },
];

describe('versions of an event', () => {
  const data = Object.freeze({ changed: ['addresses.home'], personal: null });
  const named = (version: number) => dataSchemaOf('AddressChanged', version);

  it('live side by side: a handler gets the latest of whatever was written', () => {
    const latest = { kinds: ['home'], personal: null };
    expect(upcastData('AddressChanged', named(1), data, versions)).toEqual(latest);
    const second = { paths: ['addresses.home'], personal: null };
    expect(upcastData('AddressChanged', named(2), second, versions)).toEqual(latest);
    expect(upcastData('AddressChanged', named(3), latest, versions)).toBe(latest);
  });

  it('leave the data of the latest as it is, and of who does not say', () => {
    expect(upcastData('AddressChanged', named(1), data)).toBe(data);
    expect(upcastData('AddressChanged', undefined, data, versions)).toBe(data);
  });

  it.each([
    ['/schemas/AddressChanged/v1.json', 1],
    ['https://profile.example/schemas/AddressChanged/v1.json', 1],
    ['/schemas/AddressChanged/v2.json', undefined],
    ['/schemas/AddressChanged/v0.json', undefined],
    ['/schemas/ConsentChanged/v1.json', undefined],
    ['nonsense', undefined],
  ])('%s is version %s', (dataschema, version) => {
    expect(versionNamed('AddressChanged', dataschema)).toBe(version);
    expect(unknownDataSchema('AddressChanged', dataschema) === undefined).toBe(version !== undefined);
  });
});
