import type { DynamicModule, Type } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { seedOfRun, testDatabase, type TestDatabase } from '@app/testing';
import { type InProcessConsumer, KeyRing, PartitionDriver, startInProcess } from '@app/testing/consumer';
import * as fc from 'fast-check';
import { publish, sizeOf } from '../support/runs.js';
import { aCase, casesTogether, play, type Told, tellings } from './schedules.js';

const isMerge = ({ type }: { type: string }): boolean => type === 'CustomersMerged';
const seed = seedOfRun();
const cases = sizeOf({ ci: 2_000, full: 2_000, soak: 200_000 });

export interface Judgement {
  found: unknown;
  expected: unknown;
}

export interface FoldUnderTest {
  name: string;
  module: Type | DynamicModule;
  adapt?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** The consumer's state beside the fold of what was told. */
  judge: (consumer: InProcessConsumer, told: Told, partition: number) => Promise<Judgement>;
}

/**
 * T12: a consumer's own handlers on its own database, fed with logs in which records come twice, customers are shuffled
 * among each other, readers take over from one another, and everything is read again from the start.
 */
export function describeFold({ name, module, adapt, judge }: FoldUnderTest): void {
  describe(`T12: ${name}`, () => {
    const keys = new KeyRing();
    let database: TestDatabase;
    let consumer: InProcessConsumer;

    beforeAll(async () => {
      Logger.overrideLogger(false);
      database = await testDatabase();
      const options = { databaseUrl: database.url, module, keys };
      consumer = await startInProcess({ ...options, ...(adapt && { adapt }) });
    }, 60_000);
    afterAll(async () => {
      await consumer.close();
      await database.drop();
    });

    it(
      `is the fold of the events, ${cases} times (SEED=${seed})`,
      async () => {
        let partition = 0;
        let [records, again, merges] = [0, 0, 0];
        await fc.assert(
          fc.asyncProperty(aCase, async (one) => {
            const driver = new PartitionDriver(consumer, String(partition));
            const told = tellings(one.tellings, keys);
            records += told.log.length;
            again += told.log.length - told.stories.reduce((sum, { events }) => sum + events.length, 0);
            merges += told.stories.flatMap(({ events }) => events).filter(isMerge).length / 2;
            await play(driver, told.log, one.schedule);
            const { found, expected } = await judge(consumer, told, partition++);
            expect(found).toEqual(expected);
          }),
          { numRuns: cases / casesTogether, seed, endOnFailure: true },
        );
        const figures = { cases: partition * casesTogether, records, 'of them again': again, merges };
        publish({ name: `T12 ${name}`, seed, figures, findings: [] });
        expect(partition * casesTogether).toBeGreaterThanOrEqual(cases);
        expect(again).toBeGreaterThan(cases / 4);
        expect(merges).toBeGreaterThan(cases / 8);
      },
      sizeOf({ ci: 300_000, full: 300_000, soak: 7_200_000 }),
    );
  });
}
