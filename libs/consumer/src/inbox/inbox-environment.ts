import { loadEnv } from '@app/service-defaults';
import { z } from 'zod';

const environment = z.object({
  /** Days after which the inbox forgets an event: longer than a relay may be away and send again what it sent before. */
  INBOX_RETENTION_DAYS: z.coerce.number().min(1).max(3_650).default(30),
});

/** @throws {EnvironmentError} */
export const inboxRetentionDays = (): number => loadEnv(environment).INBOX_RETENTION_DAYS;
