import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import { RefusedError } from '../refused.error.js';
import { insertLines, ownsItsLines, removeLines } from './lines.js';

/** Azure's limit a hub, without `$Default` (Event Hubs quotas, Basic aside). */
const mostGroups = 20;

/** The elements of the list of the stream's consumer groups. */
function groupsIn(text: string): { node: Node; name: string }[] {
  const root = parseTree(text);
  const list =
    root && findNodeAtLocation(root, ['UserConfig', 'NamespaceConfig', 0, 'Entities', 0, 'ConsumerGroups']);
  if (!list?.children) throw new RefusedError('config/eventhubs.json has no ConsumerGroups to add to');
  return list.children.map((node) => ({
    node,
    name: String(findNodeAtLocation(node, ['Name'])?.value),
  }));
}

export const groupNamesIn = (text: string): string[] => groupsIn(text).map(({ name }) => name);

/** Adds a consumer group before the last one; comments stay where they are. @throws {RefusedError} for the 21st */
export function addGroup(text: string, name: string): string {
  const groups = groupsIn(text);
  if (groups.length >= mostGroups)
    throw new RefusedError(
      `the hub has ${groups.length} consumer groups, and Azure allows ${mostGroups}: ` +
        'let apps/event-grid push the events to it instead, as a subscription (PUT :3004/v1/event-subscriptions/NAME), which needs no group',
    );
  const last = groups.at(-1)?.node;
  if (!last) throw new RefusedError('config/eventhubs.json has no consumer group to put it beside');
  const indent = ' '.repeat(last.offset - text.lastIndexOf('\n', last.offset) - 1);
  return insertLines(text, last.offset, `${indent}{ "Name": "${name}" },\n`);
}

export function removeGroup(text: string, name: string): string {
  const found = groupsIn(text).find((group) => group.name === name)?.node;
  if (!found) return text;
  const end = found.offset + found.length;
  if (!ownsItsLines(text, found.offset, end))
    throw new RefusedError(`config/eventhubs.json: the line of ${name} holds something else, too`);
  return removeLines(text, found.offset, end);
}
