import { EnvironmentError, isReachableFromOutside, loadEnv, serviceEnvironment } from '@app/service-defaults';
import { z } from 'zod';

const environment = serviceEnvironment.extend({
  /** "on" adds the routes below /admin/faults, by which tests make handlers fail. Never with a public address. */
  FAULTS: z.enum(['on', 'off']).default('off'),
});

/** @throws {EnvironmentError} where strangers could inject faults */
export function faultsAreOn(): boolean {
  const env = loadEnv(environment);
  if (env.FAULTS === 'off') return false;
  if (isReachableFromOutside(env)) {
    throw new EnvironmentError(
      `FAULTS=on is refused with HOST=${env.HOST}, which is not loopback: leave FAULTS out`,
    );
  }
  return true;
}
