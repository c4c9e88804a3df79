import { readFile } from 'node:fs/promises';
import { EnvironmentError } from '@app/service-defaults';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { type EventGridSettings, SETTINGS } from '../environment.js';
import { propertiesOf, subscriptionBody, subscriptionName } from './subscription.schema.js';
import { SubscriptionsService } from './subscriptions.service.js';
import { namesOf } from './subscriptions.sql.js';

/** No secret stands in a file under version control: rotate-secret makes one and shows it. */
const declared = subscriptionBody.omit({ signingSecret: true }).extend({ name: subscriptionName });
const file = z.strictObject({ subscriptions: z.array(declared).max(500) });

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
    const wanted = parsed(path, await read(path));
    for (const { name, ...body } of wanted) {
      try {
        await this.subscriptions.put(name, { origin: 'file', properties: propertiesOf(body), by: 'file' });
      } catch (error) {
        // A handler whose name cannot be resolved today must not keep the others from theirs.
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

function parsed(path: string, text: string): z.output<typeof file>['subscriptions'] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EnvironmentError(`${path} is no JSON: ${String(cause)}`, { cause });
  }
  const result = file.safeParse(json);
  if (result.success) return result.data.subscriptions;
  const places = result.error.issues.map(
    ({ path: at, message }) => `/${at.map(String).join('/')} ${message}`,
  );
  throw new EnvironmentError(`${path} is wrong: ${places.join('; ')}`);
}

function reasonOf(error: unknown): string {
  const { document } = error as { document?: { errors?: { pointer: string; detail: string }[] } };
  const errors = document?.errors?.map(({ pointer, detail }) => `${pointer} ${detail}`);
  return errors?.join('; ') ?? (error instanceof Error ? error.message : String(error));
}
