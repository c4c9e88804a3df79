import { isMap, isScalar, isSeq, type Pair, parseDocument, type Scalar } from 'yaml';
import { RefusedError } from '../refused.error.js';
import { insertLines, lineEnd, lineStart, removeLines } from './lines.js';

type Service = Pair<Scalar<string>>;

/** Docker Compose keeps what YAML means, and people what they wrote: edits are of the text, places come from the parser. */
function read(text: string) {
  const document = parseDocument(text, { merge: true });
  const services = document.get('services');
  const urls = document.get('x-consumers', true);
  if (document.errors.length > 0 || !isMap(services) || !isScalar(urls))
    throw new RefusedError('docker-compose.yml has no services and x-consumers to add to');
  const pairs = services.items as Service[];
  /** Of the service that publishes the consumers' ports. */
  const ingress = (list: 'profiles' | 'ports'): Scalar<string>[] => {
    const found = document.getIn(['services', 'ingress', list]);
    if (!isSeq(found)) throw new RefusedError(`docker-compose.yml has no ${list} of a service ingress`);
    return found.items as Scalar<string>[];
  };
  return {
    services: pairs.map((pair) => ({ name: pair.key.value, pair })),
    urls: urls as Scalar<string>,
    ingress,
  };
}

export const composeServicesIn = (text: string): string[] => read(text).services.map(({ name }) => name);

export interface ComposeService {
  name: string;
  port: number;
  portVariable: string;
}

export function addToCompose(text: string, service: ComposeService): string {
  const { name, port, portVariable } = service;
  const { services, urls, ingress } = read(text);
  const next = services.find((one) => one.name === 'ingress');
  const [profile, published] = [ingress('profiles').at(-1), ingress('ports').at(-1)];
  const urlsEnd = urls.range?.[1];
  if (!next || !profile || !published || urlsEnd === undefined)
    throw new RefusedError('docker-compose.yml has a service ingress without ports or profiles');
  // From the bottom to the top: each place is the same as before.
  let edited = below(text, published, `      - '127.0.0.1:\${${portVariable}:-${port}}:${port}'\n`);
  edited = below(edited, profile, `      - ${name}\n`);
  edited = insertLines(edited, aboveComments(text, next.pair.key.range?.[0] ?? 0), blockOf(service));
  return `${edited.slice(0, urlsEnd)},${name}=http://${name}:${port}${edited.slice(urlsEnd)}`;
}

const below = (text: string, { range }: Scalar, line: string): string =>
  insertLines(text, lineEnd(text, range?.[0] ?? 0), line);

const blockOf = ({ name, port }: ComposeService): string => `  ${name}:
    <<: *service
    profiles: ['', all, ${name}]
    command: [node, apps/${name}/dist/main.js]
    environment:
      <<: *environment
      DATABASE_URL_FILE: /secrets/${name}/database-url
      AUTH_CLIENT_ID: ${name}
      AUTH_CLIENT_SECRET_FILE: /secrets/${name}/client-secret
    depends_on: *after-profile
    healthcheck:
      <<: *health
      test: [CMD, node, -e, *fetch, 'http://127.0.0.1:${port}/health/ready']

`;

export function removeFromCompose(text: string, name: string): string {
  const { services, urls, ingress } = read(text);
  const [from, to] = [urls.range?.[0] ?? 0, urls.range?.[1] ?? 0];
  const entries = text.slice(from, to).split(',');
  const mine = entries.find((entry) => entry.startsWith(`${name}=`));
  const port = mine === undefined ? undefined : new URL(mine.slice(name.length + 1)).port;
  const lines = [
    ingress('ports').find(({ value }) => port !== undefined && value.endsWith(`:${port}`)),
    ingress('profiles').find(({ value }) => value === name),
  ];
  let edited = text;
  for (const line of lines) {
    const at = line?.range?.[0];
    if (at !== undefined) edited = removeLines(edited, at, at);
  }
  const found = services.find((service) => service.name === name)?.pair;
  if (found) edited = cut(edited, found);
  return edited.slice(0, from) + entries.filter((entry) => entry !== mine).join(',') + edited.slice(to);
}

/** A service with the blank line behind it. */
function cut(text: string, { key, value }: Service): string {
  const start = lineStart(text, key.range?.[0] ?? 0);
  const valueEnd = (value as { range?: [number, number, number] } | null)?.range?.[1] ?? start;
  const trimmed = text.slice(start, valueEnd).trimEnd();
  let end = lineEnd(text, start + trimmed.length);
  if (text.slice(end, lineEnd(text, end)).trim() === '') end = lineEnd(text, end);
  return text.slice(0, start) + text.slice(end);
}

/** Comments right above a service belong to it. */
function aboveComments(text: string, offset: number): number {
  let start = lineStart(text, offset);
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (!/^\s*#/.test(text.slice(above, start))) return start;
    start = above;
  }
  return start;
}
