import { z } from 'zod';

/** Event Hubs' rule for the name of a consumer group. */
export const groupName = z
  .string()
  .regex(
    /^(\$Default|[A-Za-z0-9][A-Za-z0-9._-]{0,49})$/,
    'must be a consumer group name of at most 50 characters',
  );
