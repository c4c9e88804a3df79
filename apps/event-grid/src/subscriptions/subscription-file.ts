import { readFile } from 'node:fs/promises';
import { EnvironmentError } from '@app/service-defaults';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import type { SubscriptionProperties } from '../domain/subscription.js';
import type { Networks } from '../egress/networks.js';
import { type EventGridSettings, SETTINGS } from '../environment.js';
import { flawsOf } from './check-properties.js';
import { propertiesOf, subscriptionBody, subscriptionName } from './subscription.schema.js';
import { SubscriptionsService } from './subscriptions.service.js';
import { namesOf } from './subscriptions.sql.js';

/** No secret stands in a file under version control: rotate-secret makes one and shows it. */
const declared = subscriptionBody.omit({ signingSecret: true }).extend({ name: subscriptionName });
const most = 500;
const file = z.strictObject({ subscriptions: z.array(z.unknown()).max(most) });

interface Declared {
  name: string;
  properties: SubscriptionProperties;
}

/**
 * Subscriptions under version control: at the start those of the file are made or changed, and those that it declared before
 * and does not any more are ended. Who may commit there, may have personal data opened.
 */
@Injectable()
export class SubscriptionFile implements OnApplicationBootstrap {
  private readonly logger = new Logger('SubscriptionFile');

  constructor(
    @Inject(SETTINGS) private readonly settings: EventGridSettings,
    @Inject(DataSource) private readonly database: DataSource,
    private readonly subscriptions: SubscriptionsService,
  ) {}

  /** @throws {EnvironmentError} that names the file and the place: a service that starts with half of it would hide that */
  async onApplicationBootstrap(): Promise<void> {
    const { subscriptionsFile: path } = this.settings;
    const wanted = parsed(path, await read(path), this.settings.handlerNetworks);
    for (const { name, properties } of wanted) {
      try {
        await this.subscriptions.put(name, { origin: 'file', properties, by: 'file' });
      } catch (error) {
        // A name that cannot be resolved today, or is taken over REST, must not keep the others from theirs.
        this.logger.error(`${name} of ${path} is left as it was: ${reasonOf(error)}`);
      }
    }
    const names = new Set(wanted.map(({ name }) => name));
    for (const name of await namesOf(this.database, 'file')) {
      if (!names.has(name)) await this.subscriptions.remove(name, 'file');
    }
  }
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new EnvironmentError(`EVENT_GRID_SUBSCRIPTIONS_FILE names ${path}, which cannot be read`, {
      cause,
    });
  }
}

/** @throws {EnvironmentError} with a line for each place */
function parsed(path: string, text: string, networks: Networks): Declared[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EnvironmentError(`${path} is no JSON: ${String(cause)}`, { cause });
  }
  const whole = file.safeParse(json);
  if (!whole.success) throw wrong(path, whole.error.issues.map(placed));
  const names = new Set<string>();
  const flaws: string[] = [];
  const wanted = whole.data.subscriptions.flatMap((entry, index): Declared[] => {
    const { name: given } = (entry ?? {}) as { name?: unknown };
    const called = typeof given === 'string' ? `entry ${index}, ${given}` : `entry ${index}`;
    const { success, data, error } = declared.safeParse(entry);
    if (!success) {
      flaws.push(...error.issues.map((issue) => `${called}: ${placed(issue)}`));
      return [];
    }
    const { name, ...body } = data;
    const properties = propertiesOf(body);
    const found = flawsOf(properties, networks).map(({ pointer, detail }) => `${pointer} ${detail}`);
    if (names.has(name)) found.push('/name must be there once');
    names.add(name);
    flaws.push(...found.map((flaw) => `${called}: ${flaw}`));
    return [{ name, properties }];
  });
  if (flaws.length > 0) throw wrong(path, flaws);
  return wanted;
}

const placed = ({ path, message }: z.core.$ZodIssue): string => `/${path.map(String).join('/')} ${message}`;

const wrong = (path: string, flaws: readonly string[]): EnvironmentError =>
  new EnvironmentError(`${path} is wrong: ${flaws.join('; ')}`);

function reasonOf(error: unknown): string {
  const { document } = error as {
    document?: { detail?: string; errors?: { pointer: string; detail: string }[] };
  };
  const errors = document?.errors?.map(({ pointer, detail }) => `${pointer} ${detail}`);
  return errors?.join('; ') ?? document?.detail ?? (error instanceof Error ? error.message : String(error));
}
