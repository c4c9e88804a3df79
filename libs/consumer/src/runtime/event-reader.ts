import { UnsealError } from '@app/contracts';
import { jsonOf } from '@app/event-hubs';
import type { HandlerRegistry } from '../handlers/handler-registry.js';
import type { KeyCache } from '../keys/key-cache.js';
import { type Failure, unreadable } from '../set-aside/failure.js';
import type { ReadableEvent } from './handler-runner.js';
import { openData, type Sealing, sealingOf } from './open-events.js';
import type { WantedEvent } from './select-events.js';

export interface ReadBatch {
  readable: Map<WantedEvent, ReadableEvent>;
  /** Wanted by their type, but not in a form that their handlers can take, and why. */
  unreadable: Map<WantedEvent, Failure>;
}

interface Parsed {
  wanted: WantedEvent;
  data: unknown;
  sealing: Sealing;
}

/** Reads the wanted events' data and opens what is sealed, with the keys of the whole batch fetched at once. */
export class EventReader {
  constructor(
    private readonly registry: HandlerRegistry,
    private readonly keys: KeyCache,
  ) {}

  /** @throws {KeyServiceError} when keys cannot be had: nothing may be decided without them */
  async read(events: readonly WantedEvent[]): Promise<ReadBatch> {
    const batch: ReadBatch = { readable: new Map(), unreadable: new Map() };
    const parsed: Parsed[] = [];
    for (const wanted of events) {
      const form = this.formFor(wanted.attributes.type);
      const result = jsonOf(wanted.body);
      if (result.success) {
        const sealing: Sealing = form.opened
          ? sealingOf(wanted.attributes.type, result.data)
          : { form: 'plain' };
        if (sealing.form !== 'malformed') parsed.push({ wanted, data: result.data, sealing });
        else this.refuse(batch, wanted, sealing.reason, form.asReceived);
      } else this.refuse(batch, wanted, result.reason, form.asReceived);
    }
    await this.open(batch, parsed);
    return batch;
  }

  private async open(batch: ReadBatch, parsed: readonly Parsed[]): Promise<void> {
    const kids = new Set(parsed.flatMap(({ sealing }) => (sealing.form === 'sealed' ? [sealing.kid] : [])));
    const keys = await this.keys.get(kids);
    for (const { wanted, data, sealing } of parsed) {
      const key = sealing.form === 'sealed' ? keys.get(sealing.kid) : undefined;
      try {
        const opened =
          sealing.form === 'sealed' && key ? openData(data as object, sealing.jwe, key) : plain(data);
        batch.readable.set(wanted, { wanted, data, opened });
      } catch (error) {
        // Altered or sealed wrongly: it opens tomorrow no more than today, and anybody with the right to send can send it.
        if (!(error instanceof UnsealError)) throw error;
        this.refuse(batch, wanted, `data.personal does not open: ${error.message}`, false);
      }
    }
  }

  /** Whether the handlers of this type want it opened, or can take whatever came. */
  private formFor(type: string): { opened: boolean; asReceived: boolean } {
    const handlers = this.registry.handlersOf(type);
    return {
      opened: handlers.some(({ opened }) => opened),
      asReceived: handlers.every(({ opened }) => !opened),
    };
  }

  /** Whoever takes events as they come gets it all the same; otherwise it is parked. */
  private refuse(batch: ReadBatch, wanted: WantedEvent, reason: string, asReceived: boolean): void {
    if (asReceived) {
      batch.readable.set(wanted, { wanted, data: undefined, opened: undefined });
      return;
    }
    batch.unreadable.set(wanted, unreadable(reason));
  }
}

/** CustomerErased carries no personal data, and says by itself that there is none. */
function plain(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || 'personal' in data) return data;
  return 'changed' in data ? { ...data, personal: null, erased: true } : data;
}
