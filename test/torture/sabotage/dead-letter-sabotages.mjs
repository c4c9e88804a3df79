// Bugs that keeping a failed event may have, put between the runtime and PostgreSQL.

const known = /^cloudEvents[_:](specversion|id|type|source|subject|time|dataschema|customerversion)$/;

/** @type {typeof import('./consumer-sabotages.mjs').consumerSabotages} */
export const deadLetterSabotages = {
  /** Only the attributes that the runtime itself reads are kept. */
  'dead-letter-drops-headers': (run, sql, values) => {
    if (!sql.includes('INSERT INTO set_aside_event')) return run(sql, values);
    const messages = values[10].map((text) => {
      const { properties, ...message } = JSON.parse(text);
      const kept = Object.entries(properties).filter(([name]) => known.test(name));
      return JSON.stringify({ ...message, properties: Object.fromEntries(kept) });
    });
    return run(sql, values.with(10, messages));
  },
};
