import { isMap, isScalar, type Pair, parseDocument, type Scalar } from 'yaml';
import { RefusedError } from '../refused.error.js';
import { insertLines, lineEnd, lineStart } from './lines.js';

/** Docker Compose keeps what YAML means, and people what they wrote: edits are of the text, places come from the parser. */
function read(text: string) {
  const document = parseDocument(text, { merge: true });
  const services = document.get('services');
  const urls = document.get('x-consumers', true);
  if (document.errors.length > 0 || !isMap(services) || !isScalar(urls))
    throw new RefusedError('docker-compose.yml has no services and x-consumers to add to');
  const pairs = services.items as Pair<Scalar<string>>[];
  return { services: pairs.map((pair) => ({ name: pair.key.value, pair })), urls: urls as Scalar<string> };
}

export const composeServicesIn = (text: string): string[] => read(text).services.map(({ name }) => name);

export function addToCompose(text: string, { name, port, portVariable }: ComposeService): string {
  const { services, urls } = read(text);
  const before = services.find((service) => service.name === 'console') ?? services.at(-1);
  const urlsEnd = urls.range?.[1];
  if (!before || urlsEnd === undefined) throw new RefusedError('docker-compose.yml has no service console');
  const place = aboveComments(text, before.pair.key.range?.[0] ?? 0);
  const withService = insertLines(text, place, blockOf({ name, port, portVariable }));
  // The anchor stands above the services: its place is the same as before.
  return `${withService.slice(0, urlsEnd)},${name}=http://${name}:${port}${withService.slice(urlsEnd)}`;
}

export interface ComposeService {
  name: string;
  port: number;
  portVariable: string;
}

const blockOf = ({ name, port, portVariable }: ComposeService): string => `  ${name}:
    <<: *service
    command: [node, apps/${name}/dist/main.js]
    environment:
      <<: *environment
      DATABASE_URL_FILE: /secrets/${name}/database-url
      AUTH_CLIENT_ID: ${name}
      AUTH_CLIENT_SECRET_FILE: /secrets/${name}/client-secret
    ports: ['127.0.0.1:\${${portVariable}:-${port}}:${port}']
    depends_on: *after-profile
    healthcheck:
      <<: *health
      test: [CMD, node, -e, *fetch, 'http://127.0.0.1:${port}/health/ready']

`;

export function removeFromCompose(text: string, name: string): string {
  const { services, urls } = read(text);
  const found = services.find((service) => service.name === name)?.pair;
  const [from, to] = [urls.range?.[0] ?? 0, urls.range?.[1] ?? 0];
  const entries = text.slice(from, to).split(',');
  const left = entries.filter((entry) => !entry.startsWith(`${name}=`)).join(',');
  const without = found ? cut(text, found) : text;
  return without.slice(0, from) + left + without.slice(to);
}

/** A service with the blank line behind it. */
function cut(text: string, { key, value }: Pair<Scalar<string>>): string {
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
