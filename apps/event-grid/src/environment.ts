import { EnvironmentError, isReachableFromOutside, loadEnv, serviceEnvironment } from '@app/service-defaults';
import { join } from 'node:path';
import { z } from 'zod';
import { networks } from './egress/networks.js';

/** Good enough where only this machine can reach the service, as the emulators' keys are. */
const localKey = 'TE9DQUxfRVZFTlRfR1JJRF9LRVk=';

/** The clone's folder; apps/event-grid/src and apps/event-grid/dist lie equally deep. */
const root = join(import.meta.dirname, '../../..');

const key = z.base64('must be base64, as Azure’s keys are').min(16);
const milliseconds = z.coerce.number().int().positive();

const environment = z.object({
  /** What publishers show at `POST /api/events` (`aeg-sas-key`), and the second one while keys are changed. */
  EVENT_GRID_KEY: key.default(localKey),
  EVENT_GRID_KEY_2: key.optional(),
  /** Addresses besides the public ones that handlers may have: CIDR blocks, or `loopback`. */
  EVENT_GRID_HANDLER_NETWORKS: networks.optional(),
  /** Where handlers reach this service, to confirm a handshake by hand. */
  EVENT_GRID_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Who asks to deliver: `WebHook-Request-Origin` of the handshake of CloudEvents. */
  EVENT_GRID_ORIGIN: z.hostname().default('event-grid.customer-profile.internal'),
  /** Declared subscriptions, under version control. */
  EVENT_GRID_SUBSCRIPTIONS_FILE: z.string().min(1).optional(),
  /** Every pause between attempts and every time to live is multiplied by it: 1 is Event Grid's schedule. */
  EVENT_GRID_RETRY_SCALE: z.coerce.number().positive().max(1).default(1),
  /** A handler has so long for its whole answer. */
  EVENT_GRID_ANSWER_MS: milliseconds.max(120_000).default(30_000),
  /** Deliveries under way at once over all handlers, beside one that each may always have. */
  EVENT_GRID_IN_FLIGHT: milliseconds.max(1_000).default(200),
  /** What has been delivered is told for so long. */
  EVENT_GRID_HISTORY_HOURS: milliseconds.default(168),
});

export interface EventGridSettings {
  keys: readonly string[];
  handlerNetworks: z.output<typeof networks>;
  publicUrl: string;
  origin: string;
  subscriptionsFile: string;
  retryScale: number;
  answerMs: number;
  inFlight: number;
  historyMs: number;
}

/** @throws {EnvironmentError} */
export function eventGridSettings(): EventGridSettings {
  const env = loadEnv(environment);
  const service = loadEnv(serviceEnvironment);
  const isPublic = isReachableFromOutside(service);
  if (isPublic && env.EVENT_GRID_KEY === localKey) {
    throw new EnvironmentError(`HOST=${service.HOST} is not loopback: set an EVENT_GRID_KEY of your own`);
  }
  return {
    keys: [env.EVENT_GRID_KEY, ...(env.EVENT_GRID_KEY_2 === undefined ? [] : [env.EVENT_GRID_KEY_2])],
    handlerNetworks: env.EVENT_GRID_HANDLER_NETWORKS ?? networks.parse(isPublic ? '' : 'loopback'),
    publicUrl: env.EVENT_GRID_PUBLIC_URL ?? `http://127.0.0.1:${process.env['EVENT_GRID_PORT'] || 3004}`,
    origin: env.EVENT_GRID_ORIGIN,
    subscriptionsFile: env.EVENT_GRID_SUBSCRIPTIONS_FILE ?? join(root, 'config/event-subscriptions.json'),
    retryScale: env.EVENT_GRID_RETRY_SCALE,
    answerMs: env.EVENT_GRID_ANSWER_MS,
    inFlight: env.EVENT_GRID_IN_FLIGHT,
    historyMs: env.EVENT_GRID_HISTORY_HOURS * 3_600_000,
  };
}

/** Injection token of {@link EventGridSettings}. */
export const SETTINGS = Symbol('EVENT_GRID_SETTINGS');
