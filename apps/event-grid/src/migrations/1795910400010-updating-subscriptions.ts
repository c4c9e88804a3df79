import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A subscription that leads elsewhere keeps what happens until the new handler agrees. */
export class UpdatingSubscriptions1795910400010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await setStates(runner, `'Creating', 'Updating', 'Succeeded', 'Failed'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE event_subscription SET state = 'Creating' WHERE state = 'Updating'`);
    await setStates(runner, `'Creating', 'Succeeded', 'Failed'`);
  }
}

async function setStates(runner: QueryRunner, states: string): Promise<void> {
  await runner.query(`
    ALTER TABLE event_subscription DROP CONSTRAINT event_subscription_state_check,
      ADD CONSTRAINT event_subscription_state_check CHECK (state IN (${states}))`);
}
