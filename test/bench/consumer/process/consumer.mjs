// A real consumer: a service on libs/consumer in a process of its own, told what to do by the rows.
//   node consumer.mjs MODE GROUP [LIMITS], its environment as that of every consumer
// With limits ({ after, events } of span.mjs) it tells how long they took.
import 'reflect-metadata';
import { ConsumerEvents, consumerMigrations, ConsumerModule, ConsumerServer } from '@app/consumer';
import { DatabaseModule } from '@app/database';
import { bootstrap } from '@app/service-defaults';
import { Module } from '@nestjs/common';
import { BenchTables1800000000000, controllerFor } from './handlers.mjs';
import { Span } from './span.mjs';

const [mode, consumerGroup, limits] = process.argv.slice(2);

class Bench {}
Module({
  imports: [
    DatabaseModule.forRoot({
      migrations: [...consumerMigrations, BenchTables1800000000000],
      connection: { pipeline: true },
    }),
    ConsumerModule.forRoot({ consumerGroup }),
  ],
  controllers: [controllerFor(mode)],
})(Bench);

/** Whether each commit is told. */
let tells = false;
/** @type {Span | undefined} */
let span;
let app;

function told(progress) {
  if (progress.setAside.length > 0) throw new Error('an event of the bench was set aside');
  const applied = progress.applied.length;
  span?.count(applied + progress.ignored.length);
  if (tells && applied > 0)
    process.send({ commit: { partition: progress.partitionId, applied, at: Date.now() } });
}

const commands = {
  tell: () => {
    tells = true;
    return true;
  },
  /** The partitions that it reads. */
  partitions: () => app.get(ConsumerServer).processor.sessions.map(({ lease }) => lease.partitionId),
};

await bootstrap({
  name: `bench-${mode}`,
  module: Bench,
  portVariable: 'BENCH_PORT',
  defaultPort: 0,
  strategy: (made) => {
    app = made;
    const events = app.get(ConsumerEvents);
    events.on('batchCommitted', told);
    events.on('batchSkipped', told);
    if (limits) {
      span = new Span(JSON.parse(limits));
      void span.done.then((run) => process.send({ run }));
    }
    return app.get(ConsumerServer);
  },
});

process.on('message', async ({ command }) => process.send({ [command]: await commands[command]() }));
