import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A group that reads the stream: one of those that must confirm an erasure. */
@Entity('consumer_group')
export class ConsumerGroup {
  @PrimaryColumn('text')
  name!: string;

  @Column('timestamptz', { name: 'registered_at', default: () => 'now()' })
  registeredAt!: Date;

  /** Whose it is: the `client_id` of the token it was registered with. */
  @Column('text', { nullable: true })
  client!: string | null;
}
