import type { Subscription } from '../../service-bus/entities.js';
import { badRequest, ServiceBusError } from '../../service-bus/errors.js';
import type { Filter, Primitive, Rule } from '../../service-bus/filters/filter.js';
import { parseSql } from '../../service-bus/filters/sql-parser.js';
import { SqlError } from '../../service-bus/filters/sql-tokens.js';
import type { Answer } from '../links/request-response.js';
import { types } from '../rhea.js';
import { count, wanted, type Body, type Target } from './management.js';

/** What Azure's clients know the parts of a rule by. */
const RULE_DESCRIPTION = 0x0000013700000004;
const EMPTY_ACTION = 0x0000013700000005;
const SQL_FILTER = 0x000001370000006;
const CORRELATION_FILTER = 0x000001370000009;

const MAX_RULES = 2_000;
const fields = [
  'correlationid',
  'messageid',
  'to',
  'replyto',
  'label',
  'sessionid',
  'replytosessionid',
  'contenttype',
];
const requestFields: Readonly<Record<string, string>> = {
  'correlation-id': 'correlationid',
  'message-id': 'messageid',
  to: 'to',
  'reply-to': 'replyto',
  label: 'label',
  'session-id': 'sessionid',
  'reply-to-session-id': 'replytosessionid',
  'content-type': 'contenttype',
};

/** §3 of Azure's contracts: the rules of a subscription, while it runs; durable, and from then on instead of the declared ones. */
export const ruleOperations: Readonly<Record<string, (target: Target, body: Body) => Promise<Answer>>> = {
  'com.microsoft:add-rule': async (target, body) => {
    const subscription = subscriptionOf(target);
    const name = nameIn(body);
    const { rules } = subscription;
    if (rules.some((rule) => sameName(rule, name)))
      throw new ServiceBusError(
        'com.microsoft:entity-already-exists',
        `The rule '${name}' already exists.`,
        409,
      );
    if (rules.length >= MAX_RULES) throw badRequest(`a subscription has at most ${MAX_RULES} rules`);
    await change(target, subscription, [...rules, { name, filter: filterIn(body['rule-description']) }]);
    return { status: 200, description: 'OK', body: {} };
  },

  'com.microsoft:remove-rule': async (target, body) => {
    const subscription = subscriptionOf(target);
    const name = nameIn(body);
    const left = subscription.rules.filter((rule) => !sameName(rule, name));
    if (left.length === subscription.rules.length)
      throw new ServiceBusError(
        'amqp:not-found',
        `The messaging entity '${subscription.queue.id}/Rules/${name}' could not be found.`,
        404,
      );
    await change(target, subscription, left);
    return { status: 200, description: 'OK', body: {} };
  },

  'com.microsoft:enumerate-rules': async (target, body) => {
    const skip = count(body['skip'] ?? 0, 'skip');
    const rules = subscriptionOf(target).rules.slice(skip, skip + count(body['top'], 'top'));
    if (rules.length === 0) return { status: 204, description: 'No Content' };
    const described = rules.map((rule) => types.wrap_map({ 'rule-description': describe(rule) }));
    return { status: 200, description: 'OK', body: { rules: types.wrap_list(described) } };
  },
};

const sameName = (rule: Rule, name: string): boolean => rule.name.toLowerCase() === name.toLowerCase();

function subscriptionOf({ bus, queue }: Target): Subscription {
  const subscription = bus.entities.subscriptions.get(wanted(queue).id);
  if (subscription === undefined) throw badRequest('only subscriptions have rules');
  return subscription;
}

/** One change at a time: the next is made of what this one leaves. */
async function change({ bus }: Target, { queue }: Subscription, rules: readonly Rule[]): Promise<void> {
  if (bus.pendingFacts > 0)
    throw new ServiceBusError('com.microsoft:server-busy', 'Another change is on its way.', 503);
  await bus.commitFact({ op: 'rules', e: queue.id, rules });
}

function nameIn(body: Body): string {
  const name = body['rule-name'];
  if (typeof name === 'string' && name.length > 0 && name.length <= 50) return name;
  throw badRequest('a rule has a name of at most 50 characters');
}

function filterIn(description: unknown): Filter {
  const given = (description ?? {}) as Record<string, Record<string, unknown> | undefined>;
  if (given['sql-rule-action']?.['expression'] !== undefined)
    throw new ServiceBusError(
      'amqp:not-implemented',
      'Actions of rules are not supported, only filters.',
      501,
    );
  const { 'sql-filter': sql, 'correlation-filter': correlation } = given;
  if (correlation !== undefined) return correlationIn(correlation);
  const expression = sql?.['expression'];
  if (typeof expression !== 'string') throw badRequest('a rule has a sql-filter or a correlation-filter');
  try {
    parseSql(expression);
  } catch (error) {
    if (error instanceof SqlError) throw badRequest(`the filter is not understood: ${error.message}`);
    throw error;
  }
  return { kind: 'sql', expression };
}

function correlationIn(given: Record<string, unknown>): Filter {
  const system: Record<string, string> = {};
  for (const [name, key] of Object.entries(requestFields))
    if (typeof given[name] === 'string') system[key] = given[name];
  return {
    kind: 'correlation',
    system,
    properties: { ...(given['properties'] as Record<string, Primitive> | null) },
  };
}

function describe({ name, filter }: Rule): unknown {
  const action = types.wrap_described([], EMPTY_ACTION);
  return types.wrap_described([filterOf(filter), action, name], RULE_DESCRIPTION);
}

function filterOf(filter: Filter): unknown {
  if (filter.kind === 'sql') return types.wrap_described([filter.expression], SQL_FILTER);
  const values: unknown[] = fields.map((name) => filter.system[name] ?? null);
  return types.wrap_described([...values, types.wrap_map(filter.properties)], CORRELATION_FILTER);
}
