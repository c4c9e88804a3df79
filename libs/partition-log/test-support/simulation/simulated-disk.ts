import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { File, FileSystem } from '../../src/file-system/file-system.js';
import { Inode } from './inode.js';
import type { Random } from '@app/testing';

export type Operation =
  | 'open'
  | 'list'
  | 'makeFolder'
  | 'rename'
  | 'remove'
  | 'syncFolder'
  | 'write'
  | 'read'
  | 'datasync'
  | 'truncate'
  | 'size'
  | 'close';

/** What a call meets: an error with this code, or a write that takes half of what it is given. */
export type Fault = 'EIO' | 'ENOSPC' | 'short';

interface NameChange {
  readonly name: string;
  readonly inode: Inode | undefined;
}

const changing: ReadonlySet<Operation> = new Set<Operation>([
  'open',
  'rename',
  'remove',
  'syncFolder',
  'write',
  'datasync',
  'truncate',
]);

/**
 * A disk that keeps apart what a process sees and what would be left after a power loss: a write or a change
 * of a name is certain only once its file, or its folder, was synced. `afterPowerLoss` answers one of the
 * states that the machine may wake up in; the disk itself goes on, so that one run gives many such states.
 */
export class SimulatedDisk implements FileSystem {
  private names = new Map<string, Inode>();
  private syncedNames = new Map<string, Inode>();
  /** Each entry happens as a whole or not at all (a rename changes two names). */
  private unsyncedNames: NameChange[][] = [];
  /** Called before a change is certain, once everything that waits for earlier ones has been told. */
  onChange: (() => void) | undefined;
  /** Asked before each call. */
  faultFor: ((operation: Operation, name: string) => Fault | undefined) | undefined;
  /** Log files whose sync has failed, and that were synced again all the same. */
  syncedAgain = 0;
  private readonly failedSyncs = new Set<Inode>();

  /** What the next process finds if this one is killed: everything, synced or not. */
  afterKill(): SimulatedDisk {
    return this.rebuilt((inode) => inode.copy(), this.names, true);
  }

  /** One state after a power loss: each un-synced change kept, dropped or torn into sectors of this size. */
  afterPowerLoss(random: Random): SimulatedDisk {
    const names = new Map(this.syncedNames);
    // Most file systems keep changes of names in order, POSIX does not say so.
    const kept = random.chance(0.5) ? random.below(this.unsyncedNames.length + 1) : undefined;
    this.unsyncedNames.forEach((change, i) => {
      if (kept === undefined ? random.chance(0.5) : i < kept) applyNames(names, change);
    });
    const sectorBytes = random.chance(0.5) ? 512 : 4096;
    return this.rebuilt((inode) => inode.afterPowerLoss(random, sectorBytes), names, false);
  }

  async open(name: string, mode: 'existing' | 'create'): Promise<File> {
    await this.before('open', name);
    let inode = this.names.get(name);
    if (inode === undefined) {
      if (mode === 'existing') throw failure('ENOENT', name);
      inode = new Inode();
      this.change([{ name, inode }]);
    }
    await this.changed('open');
    return this.fileOf(name, inode);
  }

  async list(folder: string): Promise<string[]> {
    await this.before('list', folder);
    return [...this.names.keys()]
      .filter((name) => path.dirname(name) === folder)
      .map((name) => path.basename(name));
  }

  async makeFolder(folder: string): Promise<void> {
    await this.before('makeFolder', folder);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.before('rename', to);
    const inode = this.names.get(from);
    if (inode === undefined) throw failure('ENOENT', from);
    this.change([
      { name: from, inode: undefined },
      { name: to, inode },
    ]);
    await this.changed('rename');
  }

  async remove(name: string): Promise<void> {
    await this.before('remove', name);
    if (this.names.has(name)) this.change([{ name, inode: undefined }]);
    await this.changed('remove');
  }

  async syncFolder(folder: string): Promise<void> {
    await this.before('syncFolder', folder);
    await this.changed('syncFolder');
    this.syncedNames = new Map(this.names);
    this.unsyncedNames = [];
  }

  private fileOf(name: string, inode: Inode): File {
    return {
      write: async (data, position) => {
        const fault = await this.before('write', name);
        const bytes = fault === 'short' ? Math.ceil(data.byteLength / 2) : data.byteLength;
        inode.write(data.subarray(0, bytes), position);
        await this.changed('write');
        return bytes;
      },
      read: async (target, position) => {
        await this.before('read', name);
        return inode.content.copy(target, 0, position);
      },
      datasync: async () => {
        if (this.failedSyncs.has(inode) && name.endsWith('.log')) this.syncedAgain++;
        try {
          await this.before('datasync', name);
        } catch (error) {
          // fsyncgate: the pages count as clean from now on, and no later sync writes them.
          inode.forgetUnsynced();
          this.failedSyncs.add(inode);
          throw error;
        }
        await this.changed('datasync');
        inode.sync();
      },
      truncate: async (length) => {
        await this.before('truncate', name);
        inode.truncate(length);
        await this.changed('truncate');
      },
      size: async () => {
        await this.before('size', name);
        return inode.content.length;
      },
      close: async () => {
        await this.before('close', name);
      },
    };
  }

  private async before(operation: Operation, name: string): Promise<'short' | undefined> {
    const fault = this.faultFor?.(operation, name);
    if (fault === undefined || fault === 'short') return fault;
    throw failure(fault, `${operation} ${name}`);
  }

  private async changed(operation: Operation): Promise<void> {
    if (this.onChange === undefined || !changing.has(operation)) return;
    await setImmediate();
    this.onChange();
  }

  private change(change: NameChange[]): void {
    applyNames(this.names, change);
    this.unsyncedNames.push(change);
  }

  private rebuilt(
    survive: (inode: Inode) => Inode,
    names: Map<string, Inode>,
    unsynced: boolean,
  ): SimulatedDisk {
    const made = new Map<Inode, Inode>();
    const of = (inode: Inode): Inode => {
      const known = made.get(inode) ?? survive(inode);
      made.set(inode, known);
      return known;
    };
    const all = (from: Map<string, Inode>) => new Map([...from].map(([name, inode]) => [name, of(inode)]));
    const disk = new SimulatedDisk();
    disk.names = all(names);
    disk.syncedNames = unsynced ? all(this.syncedNames) : new Map(disk.names);
    if (unsynced) {
      disk.unsyncedNames = this.unsyncedNames.map((change) =>
        change.map(({ name, inode }) => ({ name, inode: inode && of(inode) })),
      );
    }
    return disk;
  }
}

function applyNames(names: Map<string, Inode>, change: readonly NameChange[]): void {
  for (const { name, inode } of change) {
    if (inode === undefined) names.delete(name);
    else names.set(name, inode);
  }
}

const failure = (code: string, what: string): Error => Object.assign(new Error(`${code}: ${what}`), { code });
