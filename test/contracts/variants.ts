import {
  addressSchema,
  allJsonSchemas,
  consentSchema,
  customerSchema,
  jsonSchemaOf,
  openedDataSchema,
  publishedForm,
} from '@app/contracts';
import { z } from 'zod';

type Members = Record<string, z.ZodType>;
type Data = z.ZodObject;

/** The schemas of the code, were AddressChanged changed in this way. */
export function schemasWith(changed: Data): Record<string, unknown>[] {
  const now = jsonSchemaOf('AddressChanged', 'opened');
  const $id = now['$id'];
  const variant = { ...publishedForm(changed), $id, title: now['title'] };
  return allJsonSchemas().map((schema) => (schema['$id'] === $id ? variant : schema));
}

const { shape } = openedDataSchema;
const { home } = customerSchema.shape.addresses.unwrap().shape;

const withCustomer = (customer: z.ZodObject): Data =>
  openedDataSchema.extend({
    personal: z.object({ current: customer.loose(), previous: customer.partial().loose() }).nullable(),
  });
const withMembers = (members: Members): Data => withCustomer(customerSchema.extend(members));
const withAddress = (members: Members): Data => {
  const address = addressSchema.extend(members).optional();
  return withMembers({ addresses: z.object({ home: address, billing: home, shipping: home }) });
};
const consentsOf = (members: Members) => z.record(z.string(), consentSchema.extend(members));

/** What somebody may do to the schema with the best of intentions, and the member that it breaks. */
export const breaking: [what: string, field: string, data: Data][] = [
  ['takes a member away', 'personal.current.email', withCustomer(customerSchema.omit({ email: true }))],
  [
    'no longer promises a member',
    'personal.current.givenName',
    withMembers({ givenName: customerSchema.shape.givenName.optional() }),
  ],
  [
    'promises a member that older events lack',
    'personal.current.phone',
    withMembers({ phone: z.string().max(40) }),
  ],
  ['adds a required member', 'personal.current.tier', withMembers({ tier: z.string() })],
  ['changes a type', 'personal.current.version', withMembers({ version: z.string() })],
  ['lets text be longer', 'personal.current.title', withMembers({ title: z.string().max(500).optional() })],
  ['changes a format', 'personal.current.birthDate', withMembers({ birthDate: z.string().optional() })],
  [
    'narrows text to a list of values',
    'personal.current.addresses.home.country',
    withAddress({ country: z.enum(['NO', 'SE']) }),
  ],
  [
    'changes what a map holds',
    'personal.current.consents.*.granted',
    withMembers({ consents: consentsOf({ granted: z.enum(['yes', 'no']) }) }),
  ],
  ['lets a list hold empty text', 'changed[]', openedDataSchema.extend({ changed: z.array(z.string()) })],
  [
    'no longer tells who was erased',
    'personal',
    openedDataSchema.extend({ personal: shape.personal.unwrap() }),
  ],
];

export const additive: [what: string, data: Data][] = [
  ['an optional member', withMembers({ nickname: z.string().optional() })],
  ['an optional member of an address', withAddress({ floor: z.int().optional() })],
  [
    'another kind of address',
    withMembers({ addresses: customerSchema.shape.addresses.unwrap().extend({ work: home }) }),
  ],
  [
    'an optional member of a consent',
    withMembers({ consents: consentsOf({ channel: z.string().optional() }) }),
  ],
  ['an optional member of data', openedDataSchema.extend({ reason: z.string().optional() })],
  ['an optional object', withMembers({ employer: z.object({ name: z.string() }).optional() })],
  ['an optional list', withMembers({ tags: z.array(z.string()).optional() })],
  ['an optional choice', withMembers({ segment: z.enum(['a', 'b']).optional() })],
  [
    'another description',
    openedDataSchema.extend({ changed: shape.changed.meta({ description: 'What has changed.' }) }),
  ],
  ['examples', openedDataSchema.extend({ changed: shape.changed.meta({ examples: [['email']] }) })],
];
