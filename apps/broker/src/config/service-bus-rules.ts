import type { Filter, Primitive, Rule } from '../service-bus/filters/filter.js';
import { matchAll } from '../service-bus/filters/rules.js';
import { parseSql } from '../service-bus/filters/sql-parser.js';
import { SqlError } from '../service-bus/filters/sql-tokens.js';
import { ConfigError } from './config-error.js';
import { isObject, nameOf, type Json } from './config-files.js';

const systemNames: Readonly<Record<string, string>> = {
  ContentType: 'contenttype',
  CorrelationId: 'correlationid',
  Label: 'label',
  Subject: 'label',
  MessageId: 'messageid',
  ReplyTo: 'replyto',
  ReplyToSessionId: 'replytosessionid',
  SessionId: 'sessionid',
  To: 'to',
};

/**
 * The rules of a subscription. None given: everything; given ones replace that.
 * @throws ConfigError
 */
export function readRules(entries: readonly Json[], where: string): Rule[] {
  if (entries.length === 0) return [matchAll];
  const rules = entries.map((entry): Rule => {
    const name = nameOf(entry, `${where}: Rules`, 50);
    return { name, filter: readFilter(entry['Properties'] ?? {}, `${where}: rule '${name}'`) };
  });
  if (new Set(rules.map(({ name }) => name.toLowerCase())).size !== rules.length)
    throw new ConfigError(`${where}: a rule is declared twice`);
  return rules;
}

function readFilter(properties: unknown, where: string): Filter {
  if (!isObject(properties)) throw new ConfigError(`${where}: Properties must be an object`);
  if (isObject(properties['Action']) && Object.keys(properties['Action']).length > 0)
    throw new ConfigError(`${where}: actions are not supported, only filters`);
  const type = properties['FilterType'] ?? 'Sql';
  if (type === 'Correlation') return readCorrelation(properties['CorrelationFilter'], where);
  if (type !== 'Sql') throw new ConfigError(`${where}: FilterType must be Sql or Correlation`);
  const sql = properties['SqlFilter'];
  const expression = isObject(sql) ? sql['SqlExpression'] : undefined;
  if (typeof expression !== 'string') throw new ConfigError(`${where}: SqlFilter.SqlExpression is missing`);
  try {
    parseSql(expression);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new ConfigError(`${where}: ${error.message}`);
  }
  return { kind: 'sql', expression };
}

function readCorrelation(filter: unknown, where: string): Filter {
  if (!isObject(filter)) throw new ConfigError(`${where}: CorrelationFilter is missing`);
  const system: Record<string, string> = {};
  const properties: Record<string, Primitive> = {};
  for (const [name, value] of Object.entries(filter)) {
    if (name === 'Properties' && isObject(value)) Object.assign(properties, value);
    else if (systemNames[name] !== undefined && typeof value === 'string') system[systemNames[name]] = value;
    else throw new ConfigError(`${where}: CorrelationFilter has no ${name} of that kind`);
  }
  return { kind: 'correlation', system, properties };
}
