import { parseArgs, type ParseArgsConfig } from 'node:util';

/** One request to a consumer's admin API. */
export interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: object;
}

export interface Command {
  /** The consumer group, which is the service's name. */
  consumer: string;
  name: string;
  call: Call;
  /** Where the consumer is, if not on its usual port here. */
  url: string | undefined;
}

/** The person typed something that is no command; the message says what is. */
export class UsageError extends Error {}

export const usage = `npm run consumer -- NAME COMMAND [--url URL]

  status                                     positions, lag, what is retried or parked
  parked [--customer ID] [--type TYPE] [--reason TEXT] [--state retrying]
  show EVENT_ID                              one event that is set aside, as it was received
  redrive CUSTOMER_ID                        try it again, in order; for many customers:
  redrive --all | --type TYPE | --reason TEXT
  discard EVENT_ID --reason TEXT             give it up for good
  replay --from earliest|TIME|{"0":SEQUENCE_NUMBER,…}
  pause | resume
  dead-letters                               of address-notifications: commands that nobody could do
  redrive-dead-letters --all | --customer ID | --reason TEXT
  discard-dead-letters --customer ID | --reason TEXT  --because TEXT
  fault CUSTOMER_ID [--times N] | faults --clear      only where FAULTS=on`;

const options = {
  all: { type: 'boolean' },
  because: { type: 'string' },
  clear: { type: 'boolean' },
  customer: { type: 'string' },
  from: { type: 'string' },
  reason: { type: 'string' },
  state: { type: 'string' },
  times: { type: 'string' },
  type: { type: 'string' },
  url: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

interface Given {
  /** What stands after the command's name. */
  id: string | undefined;
  values: Partial<Record<keyof typeof options, string | boolean>>;
}

const get = (path: string): Call => ({ method: 'GET', path });
const post = (path: string, body: object = {}): Call => ({ method: 'POST', path, body });

const calls: Record<string, (given: Given) => Call> = {
  status: () => get('/admin/consumer'),
  parked: ({ values }) => get(`/admin/parked${queryOf(values)}`),
  show: (given) => get(`/admin/parked/${idOf(given, 'an event id')}`),
  redrive: (given) =>
    given.id === undefined ? redriveMany(given) : post(`/admin/parked/${idOf(given, '')}/redrive`),
  discard: (given) => {
    if (given.values.reason === undefined)
      throw new UsageError('discard needs --reason: it is kept with the event');
    return post(`/admin/parked/${idOf(given, 'an event id')}/discard`, { reason: given.values.reason });
  },
  replay: ({ values: { from } }) => {
    if (typeof from !== 'string')
      throw new UsageError('replay needs --from: earliest, a time, or {"partition": number}');
    return post('/admin/replay', { from: from.startsWith('{') ? positionsIn(from) : from });
  },
  pause: () => post('/admin/pause'),
  resume: () => post('/admin/resume'),
  fault: (given) => {
    const { times } = given.values;
    const customerId = decodeURIComponent(idOf(given, 'a customer id'));
    return post('/admin/faults', { customerId, ...(times !== undefined && { times: Number(times) }) });
  },
  'dead-letters': () => get('/admin/dead-letters?limit=200'),
  'redrive-dead-letters': ({ values }) => {
    const meant = deadLettersMeant(values);
    if (!values.all && Object.keys(meant).length === 0)
      throw new UsageError('redrive which? --all, --customer or --reason');
    return post('/admin/dead-letters/redrive', meant);
  },
  'discard-dead-letters': ({ values }) => {
    const meant = deadLettersMeant(values);
    if (Object.keys(meant).length === 0) throw new UsageError('discard which? --customer or --reason');
    if (values.because === undefined) throw new UsageError('discard needs --because: the audit keeps it');
    return post('/admin/dead-letters/discard', { ...meant, because: values.because });
  },
  faults: ({ values }) => ({ method: values.clear ? 'DELETE' : 'GET', path: '/admin/faults' }),
};

/** @throws {UsageError} */
export function commandFrom(args: string[]): Command {
  const { positionals, values } = parse(args);
  const [consumer, name, id, ...more] = positionals;
  if (consumer === undefined) throw new UsageError('which consumer?');
  const callOf = name === undefined ? undefined : calls[name];
  if (name === undefined || callOf === undefined) throw new UsageError(`${name ?? 'nothing'} is no command`);
  if (more.length > 0) throw new UsageError(`${more.join(' ')} is too much`);
  return { consumer, name, call: callOf({ id, values }), url: values.url };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function idOf({ id }: Given, what: string): string {
  if (id === undefined) throw new UsageError(`${what} is missing`);
  return encodeURIComponent(id);
}

function redriveMany({ values: { all, type, reason } }: Given): Call {
  if (!all && type === undefined && reason === undefined) {
    throw new UsageError('redrive whom? A customer id, --all, --type or --reason');
  }
  return post('/admin/parked/redrive', {
    ...(type !== undefined && { type }),
    ...(reason !== undefined && { reason }),
  });
}

function deadLettersMeant({ customer, reason }: Given['values']): object {
  return { ...(customer !== undefined && { customerId: customer }), ...(reason !== undefined && { reason }) };
}

function queryOf({ customer, type, reason, state }: Given['values']): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ customerId: customer, type, reason, state, limit: '200' })) {
    if (value !== undefined) query.set(name, String(value));
  }
  return `?${query.toString()}`;
}

function positionsIn(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new UsageError(`--from ${text} is not JSON`);
  }
}
