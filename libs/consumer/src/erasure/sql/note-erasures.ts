import { jsonOf, type StatementRunner } from '@app/event-hubs';
import type { WantedEvent } from '../../runtime/select-events.js';

/** In the transaction that carries erasures out: each is to be confirmed. One without an id has nobody who waits for it. */
export async function noteErasures(runner: StatementRunner, erasures: readonly WantedEvent[]): Promise<void> {
  const ids = erasures.flatMap(({ body }) => erasureIdIn(body) ?? []);
  if (ids.length === 0) return;
  await runner.query(
    `INSERT INTO erasure_to_confirm (erasure_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`,
    [ids],
  );
}

function erasureIdIn(body: Buffer): string | undefined {
  const result = jsonOf(body);
  const data: unknown = result.success ? result.data : undefined;
  const id =
    typeof data === 'object' && data !== null ? (data as { erasureId?: unknown }).erasureId : undefined;
  return typeof id === 'string' && id.length <= 100 ? id : undefined;
}
