/** So far two transactions may be apart that look at the clock at once. */
const slack = `interval '1 minute'`;

/**
 * A condition in SQL: the time in `column` has come. It has, too, where it lies further ahead than anybody ever waits: then
 * the database's clock has been set back since, and by the letter the wait might take a year.
 *
 * @param longestMs an expression in SQL: the longest wait that is ever written there, in milliseconds
 */
export const dueSql = (column: string, longestMs: string): string =>
  `(${column} <= now() OR ${column} > now() + ${longestMs} * interval '1 ms' + ${slack})`;
