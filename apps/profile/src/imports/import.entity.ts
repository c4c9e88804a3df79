import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ImportMapping } from '../domain/import-mapping.js';

export type ImportFormat = 'csv' | 'ndjson';

/** Receiving its bytes, working through its rows, through, or stopped by a file that cannot be read at all. */
export type ImportStatus = 'receiving' | 'running' | 'completed' | 'failed';

@Entity('import')
export class Import {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  format!: ImportFormat;

  /** Of the bytes as received: the same file again is known by it. */
  @Column('text', { nullable: true })
  sha256!: string | null;

  /** The import that took the same bytes before: only the rows it refused are tried again. */
  @Column('uuid', { nullable: true })
  repeats!: string | null;

  /** Says what an import would do, and does nothing. */
  @Column('boolean', { name: 'dry_run' })
  dryRun!: boolean;

  /** How the file's columns become ours; null where they are ours. */
  @Column('jsonb', { nullable: true })
  mapping!: ImportMapping | null;

  /** The header of a CSV file, once a row under it was refused. */
  @Column('text', { nullable: true })
  header!: string | null;

  /** The trace that the events of its rows belong to: that of the request that brought it. */
  @Column('text', { nullable: true })
  traceparent!: string | null;

  @Column('text')
  status!: ImportStatus;

  @Column('text', { nullable: true })
  failure!: string | null;

  /** Rows dealt with: where a restarted worker goes on. */
  @Column('int')
  read!: number;

  @Column('int')
  added!: number;

  @Column('int')
  changed!: number;

  @Column('int')
  unchanged!: number;

  @Column('int')
  refused!: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
