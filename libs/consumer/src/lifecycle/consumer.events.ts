import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';
import type { EventHubsEvents } from '@app/event-hubs';
import type { Failure } from '../set-aside/failure.js';

/** Events of one partition that are done with, in one go. */
export interface Progress {
  partitionId: string;
  /** The position after them. */
  sequenceNumber: number;
  /** When the engine took the last of them. */
  enqueuedTime: Date;
  /** Ids of events whose effects are committed now. */
  applied: readonly string[];
  /** Ids of events that had been applied before. */
  duplicates: readonly string[];
  /** Ids of events that this consumer does not want, by their type or a filter, or passes over because it cannot read them. */
  ignored: readonly string[];
  /** Ids of events that were set aside: they failed, or wait behind one of their customer that did. */
  setAside: readonly string[];
  /** Ids of events of customers who are erased behind them. */
  dropped: readonly string[];
  /** Messages that are no CloudEvents: passed over, and counted. */
  foreign: number;
}

/** What the runtime tells metrics, the effects call and tests alike. */
export interface ConsumerEventMap extends EventHubsEvents {
  /** A transaction with effects, inbox and position has been committed. */
  batchCommitted: [progress: Progress];
  /** Nothing in the batch was wanted: the position in memory has moved, the row follows within half a second. */
  batchSkipped: [progress: Progress];
  /** A handler threw; nothing of what it wrote is kept. */
  handlerFailed: [failure: { partitionId: string; eventId: string; type: string; error: unknown }];
  /** An event has failed, for the first time or again: it is tried later, or parked. */
  setAside: [event: { customerId: string; eventId: string; type: string; failure: Failure; parked: boolean }];
  /** An event of a wanted type cannot be read, and is passed over by this consumer's policy. */
  unreadableSkipped: [event: { eventId: string; type: string; reason: string }];
  /**
   * Events of a customer that were set aside have had their effect, or no handler takes them any more; `drained`: none
   * waits any more.
   */
  redriven: [
    progress: {
      customerId: string;
      applied: readonly string[];
      ignored: readonly string[];
      drained: boolean;
    },
  ];
  /** Erasures have been carried out here, and are to be confirmed. */
  erased: [customerIds: readonly string[]];
  /** What is set aside cannot be tried now: something that every event needs is away. */
  drainHeld: [pause: { customerId: string; error: unknown }];
  /** A handler call has ended well. */
  handled: [call: { types: string; events: number; seconds: number }];
}

/** The runtime's events, as a provider. */
@Injectable()
export class ConsumerEvents extends EventEmitter<ConsumerEventMap> {}
