import { z } from 'zod';

/** The query parameter `limit` of every list: at most 200 items a page, anything else is 400. */
export const pageLimit = (standard: number) =>
  z
    .string()
    .regex(/^(?:[1-9]\d?|1\d\d|200)$/, 'must be a whole number from 1 to 200')
    .transform(Number)
    .default(standard);
