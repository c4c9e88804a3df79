/** Somebody who reads one partition for one consumer group. */
export interface Reader {
  readonly name: string;
  /** Owner level (epoch); undefined = shares the partition with up to four others. */
  readonly epoch: number | undefined;
  /** Where it goes on; undefined until its start has been found. */
  readonly nextOffset: number | undefined;
  /** Another reader with an owner level takes the partition. */
  stolen(description: string): void;
}

export type Admission = { ok: true } | { ok: false; condition: string; description: string };

/**
 * Who may read a partition within a consumer group.
 *
 *   no owner level:  five at most, and none while somebody has an owner level
 *   owner level e:   takes the partition from everybody unless the owner's level is higher than e; an equal
 *                    level takes it too (load balancing uses 0 everywhere and relies on it)
 */
export class Readers {
  private readonly readers = new Set<Reader>();

  constructor(private readonly maxShared: number) {}

  get count(): number {
    return this.readers.size;
  }

  get all(): Reader[] {
    return [...this.readers];
  }

  admit(reader: Reader): Admission {
    const owner = [...this.readers].find(({ epoch }) => epoch !== undefined);
    const refusal =
      reader.epoch === undefined ? this.refuseShared(reader, owner) : refuseOwner(reader, owner);
    if (refusal !== undefined) return refusal;
    if (reader.epoch !== undefined) {
      const description =
        `New receiver '${reader.name}' with higher epoch of '${reader.epoch}' is created hence current receiver ` +
        `is getting disconnected. If you are recreating the receiver, make sure a higher epoch is used.`;
      for (const old of this.readers) old.stolen(description);
      this.readers.clear();
    }
    this.readers.add(reader);
    return { ok: true };
  }

  remove(reader: Reader): void {
    this.readers.delete(reader);
  }

  private refuseShared(reader: Reader, owner: Reader | undefined): Admission | undefined {
    if (owner !== undefined) return stolenBy(reader, owner);
    if (this.readers.size < this.maxShared) return undefined;
    const description =
      `Exceeded the maximum number of allowed receivers per partition in a consumer group ` +
      `which is ${this.maxShared}.`;
    return { ok: false, condition: 'amqp:resource-limit-exceeded', description };
  }
}

function refuseOwner(reader: Reader, owner: Reader | undefined): Admission | undefined {
  return (owner?.epoch ?? -Infinity) > (reader.epoch ?? 0) ? stolenBy(reader, owner as Reader) : undefined;
}

function stolenBy(reader: Reader, owner: Reader): Admission {
  const description =
    `Receiver '${owner.name}' with a higher epoch of '${owner.epoch}' already exists. Receiver '${reader.name}' ` +
    `with epoch ${reader.epoch ?? 'none'} cannot be created. Make sure you are creating receiver with increasing ` +
    `epoch value to ensure connectivity, or ensure all old epoch receivers are closed or disconnected.`;
  return { ok: false, condition: 'amqp:link:stolen', description };
}
