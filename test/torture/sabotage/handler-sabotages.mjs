// Bugs that a consumer's own handlers may have, whatever they do: TORTURE_TABLES names its tables.
const write = /^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?/i;

/** @type {typeof import('./consumer-sabotages.mjs').consumerSabotages} */
export const handlerSabotages = {
  /** As with a connection of its own instead of `context.manager`. */
  'effects-outside-transaction': (run, sql, values, elsewhere) => {
    const own = (process.env.TORTURE_TABLES ?? '').split(',');
    return own.includes(write.exec(sql)?.[1] ?? '') ? elsewhere(sql, values) : run(sql, values);
  },
};
