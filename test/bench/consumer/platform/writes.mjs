// Writes at a steady rate: each leaves when it is due, whether earlier ones have been answered or not.
import { randomUUID } from 'node:crypto';

/** Of so many writes one is the hot customer's. */
const HOT_EVERY = 20;

/**
 * @param {{ perSecond: number, writes: number }} load
 * @param {{ accountNumber: string }} hot a customer that is there
 * @returns {Promise<Map<string, string>>} the new customers: their ids, by the ids of their events
 */
export async function writeSteadily(platform, { perSecond, writes }, hot) {
  const created = new Map();
  const pending = [];
  /** The hot customer's writes wait for each other: at once they would refuse each other. */
  let moved = Promise.resolve();
  const write = async (n) => {
    if (n % HOT_EVERY === 0) {
      moved = moved.then(() => platform.move(hot, `${n} First St`));
      await moved;
    } else {
      const { id, eventId } = await platform.addCustomer();
      created.set(eventId, id);
    }
  };
  const started = performance.now();
  await new Promise((done) => {
    const timer = setInterval(() => {
      const due = Math.min(writes, ((performance.now() - started) * perSecond) / 1000);
      while (pending.length < due) pending.push(begun(write(pending.length)));
      if (pending.length < writes) return;
      clearInterval(timer);
      done();
    }, 1);
  });
  await Promise.all(pending);
  return created;
}

/** Its failure is told when all are awaited, not before. */
function begun(write) {
  write.catch(() => undefined);
  return write;
}

export const newCustomer = () => ({
  accountNumber: `B-${randomUUID()}`,
  givenName: 'Zoë',
  familyName: 'Yáñez',
  email: 'zoe@example.com',
  addresses: { home: { line1: '3761 N. 14th St', city: 'Rockhampton', country: 'AU' } },
});

export function quantile(/** @type {number[]} */ values, /** @type {number} */ q) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(q * sorted.length) - 1];
}
