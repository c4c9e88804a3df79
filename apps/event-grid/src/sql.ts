import type { EntityManager } from 'typeorm';

/** A data source, or the entity manager of a transaction. */
export type Sql = Pick<EntityManager, 'query'>;
