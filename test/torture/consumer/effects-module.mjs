// A consumer whose effects are rows without a key: what happens twice is there twice. It opens nothing, so that it needs
// no key service, and takes its time, so that a signal finds it in the middle of a transaction.
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Module } from '@nestjs/common';
import { Ctx } from '@nestjs/microservices';
import { ALL_TYPES, ConsumerModule, consumerMigrations, EventBatchPattern } from '@app/consumer';
import { DatabaseModule } from '@app/database';

class CreateEffect1800000000000 {
  async up(runner) {
    await runner.query(
      `CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY, event_id text, subject text, version int)`,
    );
  }

  async down(runner) {
    await runner.query('DROP TABLE effect');
  }
}

class Effects {
  async note(context) {
    const attributes = context.rawEvents.map((event) => event.attributes);
    await context.manager.query(
      `INSERT INTO effect (event_id, subject, version)
       SELECT event_id, subject, version
         FROM unnest($1::text[], $2::text[], $3::int[]) WITH ORDINALITY AS e (event_id, subject, version, place)
        ORDER BY place`,
      [
        attributes.map(({ id }) => id),
        attributes.map(({ subject }) => subject),
        attributes.map(({ customerversion }) => customerversion),
      ],
    );
    await delay(Math.random() * Number(process.env.HANDLER_MS ?? 0));
  }
}
const note = Object.getOwnPropertyDescriptor(Effects.prototype, 'note');
Controller()(Effects);
EventBatchPattern(ALL_TYPES, { opened: false })(Effects.prototype, 'note', note);
Ctx()(Effects.prototype, 'note', 0);

/** @param {Partial<import('@app/consumer').ConsumerOptions>} options */
export function effectsModule(options = {}) {
  class EffectsModule {}
  Module({
    imports: [
      DatabaseModule.forRoot({ migrations: [...consumerMigrations, CreateEffect1800000000000] }),
      ConsumerModule.forRoot({ consumerGroup: 'workers', ...options }),
    ],
    controllers: [Effects],
  })(EffectsModule);
  return EffectsModule;
}
