import { loadEnv } from '@app/service-defaults';
import { z } from 'zod';

const environment = z.object({
  /**
   * `consumer` turns events into commands, `worker` carries the commands out; `both` in one process where the machine is
   * small.
   */
  NOTIFICATIONS_ROLE: z.enum(['consumer', 'worker', 'both']).default('both'),
});

export type Role = z.infer<typeof environment>['NOTIFICATIONS_ROLE'];

/** @throws {EnvironmentError} */
export const roleOfThisProcess = (): Role => loadEnv(environment).NOTIFICATIONS_ROLE;
