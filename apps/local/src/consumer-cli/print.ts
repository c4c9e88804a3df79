/** Rows in columns as wide as their widest cell, under their names. */
export function table(rows: readonly Record<string, unknown>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => cellOf(row[name])))];
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const cellOf = (value: unknown): string => {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'number')
    return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(1);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

interface Status {
  consumerGroup: string;
  paused: boolean;
  partitions: Record<string, unknown>[];
  retrying: number;
  parked: number;
}

/** What a consumer answered, for a person. */
export function describe(name: string, answer: unknown): string {
  if (name === 'status') return statusOf(answer as Status);
  if (name === 'parked') return parkedOf((answer as { items: Record<string, unknown>[] }).items);
  if (name === 'dead-letters') {
    const { items } = answer as { items: Record<string, unknown>[] };
    return items.length > 0 ? table(items) : 'there are no dead letters';
  }
  if (name === 'faults' && answer !== undefined) {
    const { items } = answer as { items: Record<string, unknown>[] };
    return items.length > 0 ? table(items) : 'no faults are set';
  }
  return answer === undefined ? 'done' : JSON.stringify(answer, undefined, 2);
}

function statusOf({ consumerGroup, paused, partitions, retrying, parked }: Status): string {
  const state = `${consumerGroup}${paused ? ', paused' : ''}: ${retrying} retrying, ${parked} parked`;
  const rows = partitions.map(({ partitionId, owner, sequenceNumber, lagEvents, lagSeconds }) => ({
    partition: partitionId,
    'sequence number': sequenceNumber,
    'lag (events)': lagEvents,
    'lag (s)': lagSeconds,
    owner: owner ?? 'nobody',
  }));
  return rows.length > 0 ? `${state}\n\n${table(rows)}` : `${state}\nno partition has been read yet`;
}

function parkedOf(items: readonly Record<string, unknown>[]): string {
  if (items.length === 0) return 'nothing is set aside';
  return table(
    items.map(({ customerId, eventId, type, attempts, waitingBehind, lastFailedAt, reason }) => ({
      customer: customerId,
      event: eventId,
      type,
      attempts,
      'waits behind': waitingBehind,
      'last failure': lastFailedAt,
      reason,
    })),
  );
}
