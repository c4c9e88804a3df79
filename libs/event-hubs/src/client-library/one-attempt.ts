import './bounded-credit.js';
import '@app/service-defaults/closed-links';
import type { RetryOptions } from '@azure/event-hubs';

/**
 * The SDK's own retries (three, 30 s apart) would hide an engine that is away for minutes, and an operation that failed
 * twice throws an AggregateError whose retryable flag is lost, which ends a partition. We do one attempt and pause
 * ourselves.
 */
export const oneAttempt: RetryOptions = { maxRetries: 0, timeoutInMs: 10_000 };
