import {
  type ActData,
  actDataSchemaUri,
  actEventType,
  type CustomerEvent,
  profileSource,
} from '@app/contracts';
import { OutboxRelay, OutboxWriter } from '@app/outbox';
import { HttpException, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';

export interface Act {
  act: string;
  /** Who does it: `sub` of the token. */
  actor: string;
  /** What it is done to, such as `consumer-groups/audit`. */
  subject: string;
  /** What was asked for. Nothing personal: the audit keeps it for ever, unsealed. */
  details?: Record<string, unknown>;
}

/** Tells the audit, by an event, what an administrator does to the platform. */
@Injectable()
export class ActLog {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: OutboxWriter,
    private readonly relay: OutboxRelay,
  ) {}

  /** An act is done and told in one transaction: neither goes without the other. What failed has not happened. */
  async during<T>(act: Act, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.dataSource.transaction(async (manager) => {
        const result = await work(manager);
        await this.outbox.append(manager, actEvent(act, 'done'));
        return result;
      });
    } catch (error) {
      if (error instanceof HttpException && error.getStatus() < 500) {
        await this.outbox.append(this.dataSource.manager, actEvent(act, 'refused'));
      }
      throw error;
    } finally {
      this.relay.wake();
    }
  }
}

function actEvent(
  { act, actor, subject, details = {} }: Act,
  outcome: ActData['outcome'],
): CustomerEvent<ActData> {
  return {
    id: uuidv7(),
    type: actEventType,
    source: profileSource,
    subject,
    time: new Date().toISOString(),
    dataschema: actDataSchemaUri,
    data: { act, actor, outcome, details },
  };
}
