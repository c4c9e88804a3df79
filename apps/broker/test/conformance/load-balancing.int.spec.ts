import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import type { Checkpoint, PartitionOwnership } from '@azure/event-hubs';
import { eventually } from '@app/testing';
import { BrokerHarness, type Running } from '../harness.js';

/** The checkpoint store of all consumers, in this process: one claim at a time, decided by etag. */
class SharedStore {
  private readonly ownerships = new Map<string, PartitionOwnership>();
  private readonly checkpoints = new Map<string, Checkpoint>();

  listOwnership(): PartitionOwnership[] {
    return [...this.ownerships.values()];
  }
  claimOwnership(wanted: PartitionOwnership[]): PartitionOwnership[] {
    return wanted
      .filter(({ partitionId, etag }) => this.ownerships.get(partitionId)?.etag === etag)
      .map((claim) => {
        const given = Object.assign(claim, { etag: randomUUID(), lastModifiedTimeInMs: Date.now() });
        this.ownerships.set(claim.partitionId, given);
        return given;
      });
  }
  listCheckpoints(): Checkpoint[] {
    return [...this.checkpoints.values()];
  }
  updateCheckpoint(checkpoint: Checkpoint): void {
    this.checkpoints.set(checkpoint.partitionId, checkpoint);
  }
}

interface Said {
  id?: number;
  method?: keyof SharedStore;
  argument?: never;
  claimed?: string;
  left?: string;
  partition?: string;
  body?: unknown;
  error?: string;
}

describe('§2 load balancing across processes', () => {
  let harness: BrokerHarness;
  let broker: Running;
  const store = new SharedStore();
  const processes: ChildProcess[] = [];
  beforeAll(async () => {
    harness = await BrokerHarness.create();
    broker = await harness.start();
  });
  afterAll(async () => {
    const alive = processes.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    await Promise.all(
      alive.map((child) => {
        child.kill('SIGKILL');
        return once(child, 'exit');
      }),
    );
    await harness.close();
  });

  /** A consumer process: what it owns and what it has read. */
  const consumer = () => {
    const file = path.join(import.meta.dirname, 'clients/balanced-consumer.mjs');
    const child = fork(file, [broker.connectionString], { silent: true });
    processes.push(child);
    const owned = new Set<string>();
    const read: unknown[] = [];
    const errors: string[] = [];
    child.on('message', ({ id, method, argument, claimed, left, partition, body, error }: Said) => {
      if (method !== undefined) child.send({ id, answer: store[method](argument as never) ?? null });
      if (claimed !== undefined) owned.add(claimed);
      if (left !== undefined) owned.delete(left);
      if (partition !== undefined) read.push(body);
      if (error !== undefined) errors.push(error);
    });
    return { child, owned, read, errors };
  };
  const send = async (round: string) => {
    const producer = harness.producer(broker);
    for (const id of ['0', '1', '2', '3'])
      await producer.sendBatch([{ body: `${round} ${id}` }], { partitionId: id });
    await harness.closeClients();
  };
  const until = (condition: () => boolean) => eventually(condition, { timeoutMs: 20_000 });

  it('one takes all, a second steals half by an equal owner level, and takes over from a killed one', async () => {
    const first = consumer();
    await until(() => first.owned.size === 4);
    const second = consumer();
    await until(() => first.owned.size === 2 && second.owned.size === 2);
    expect([...first.owned, ...second.owned].sort()).toEqual(['0', '1', '2', '3']);
    expect(first.errors).toContain('ReceiverDisconnectedError'); // stolen, as Azure has it
    await send('shared');
    await until(() => new Set([...first.read, ...second.read]).size === 4);
    first.child.kill('SIGKILL');
    await until(() => second.owned.size === 4);
    await send('alone');
    await until(() => second.read.filter((body) => String(body).startsWith('alone')).length === 4);
  }, 80_000);
});
