import { randomBytes } from 'node:crypto';
import { Problem } from '@app/service-defaults';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../clock/clock.js';
import { newSigningSecret } from '../domain/signature.js';
import type { SubscriptionProperties } from '../domain/subscription.js';
import { Resolver } from '../egress/resolver.js';
import { type EventGridSettings, SETTINGS } from '../environment.js';
import { checkProperties } from './check-properties.js';
import type { SubscriptionOrigin, SubscriptionRow } from './subscription-row.js';
import { mostSubscriptions } from './subscription-set.js';
import {
  deleteSubscription,
  findSubscription,
  listSubscriptions,
  OtherOriginError,
  storeSubscription,
} from './subscriptions.sql.js';

/** So long the secret before signs beside the new one. */
const rotationMs = 24 * 3_600_000;
/** A PUT makes the handshake itself; should the process die over it, another makes it after so long. */
const ownHandshakeMs = 10_000;

export interface Put {
  origin: SubscriptionOrigin;
  properties: SubscriptionProperties;
  signingSecret?: string | undefined;
  by: string;
}

@Injectable()
export class SubscriptionsService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(SETTINGS) private readonly settings: EventGridSettings,
    private readonly resolver: Resolver,
    private readonly clock: Clock,
  ) {}

  /** @returns the subscription, and its secret where it was made here and now */
  async put(
    name: string,
    { origin, properties, signingSecret, by }: Put,
  ): Promise<{ row: SubscriptionRow; created: boolean }> {
    await checkProperties(properties, {
      resolver: this.resolver,
      networks: this.settings.handlerNetworks,
    });
    const known = await findSubscription(this.database, name);
    if (!known) await this.refuseTooMany();
    const now = this.clock.now();
    try {
      const row = await storeSubscription(this.database, {
        name,
        origin,
        properties,
        signingSecret,
        newSecret: newSigningSecret(),
        validationCode: randomBytes(24).toString('base64url'),
        by,
        now,
        previousUntil: new Date(now.getTime() + rotationMs),
        askAt: new Date(now.getTime() + (origin === 'file' ? 0 : ownHandshakeMs)),
      });
      return { row, created: !known };
    } catch (error) {
      throw error instanceof OtherOriginError ? declaredElsewhere(origin) : error;
    }
  }

  async find(name: string): Promise<SubscriptionRow> {
    const row = await findSubscription(this.database, name);
    if (!row) throw noSuch(name);
    return row;
  }

  list(after: string, limit: number): Promise<SubscriptionRow[]> {
    return listSubscriptions(this.database, after, limit);
  }

  /** Gone with what waits for it, its dead letters and its history. */
  async remove(name: string, origin: SubscriptionOrigin = 'rest'): Promise<void> {
    const row = await this.find(name);
    if (row.origin !== origin) throw declaredElsewhere(origin);
    await deleteSubscription(this.database, name, origin);
  }

  /** From now on the new secret signs, and for a day the one before beside it. */
  async rotate(name: string, signingSecret = newSigningSecret()): Promise<SubscriptionRow> {
    const { origin, properties, created_by: by } = await this.find(name);
    const { row } = await this.put(name, { origin, properties, signingSecret, by });
    return row;
  }

  private async refuseTooMany(): Promise<void> {
    const held = await listSubscriptions(this.database, '', mostSubscriptions);
    if (held.length < mostSubscriptions) return;
    throw new Problem(409, 'too-many-subscriptions', 'It does not go together with what is there.', {
      detail: `There are ${mostSubscriptions} subscriptions, which is the most.`,
    });
  }
}

export const noSuch = (name: string): Problem =>
  new Problem(404, 'not-found', 'There is nothing at this address.', {
    detail: `No subscription is called ${name}.`,
  });

/** @param origin of who wants to change it */
const declaredElsewhere = (origin: SubscriptionOrigin): Problem =>
  origin === 'rest'
    ? new Problem(409, 'declared-in-a-file', 'It does not go together with what is there.', {
        detail: 'The subscription is declared in a file: change it there.',
      })
    : new Problem(409, 'put-over-rest', 'It does not go together with what is there.', {
        detail: 'A subscription of that name was put over REST: delete it there, or call this one otherwise.',
      });
