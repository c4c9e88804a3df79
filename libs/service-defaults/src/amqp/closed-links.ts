import { Receiver } from 'rhea-promise';

/**
 * A request or a send that is pending when its link goes times out later, and the client library's timer then puts the
 * link's address into its message: `Link.address` reads `source.address`, and a closed link may have no source. The
 * TypeError in a timer ended the process (seen with core-amqp 4.4.2 and rhea-promise 3: requestResponseLink.js,
 * awaitableSender.js). With this getter the time-out is an error of the operation, as it was meant to be.
 */
const link: unknown = Object.getPrototypeOf(Receiver.prototype);

Object.defineProperty(link, 'address', {
  configurable: true,
  get(this: { source?: { address?: string } }): string | undefined {
    return this.source?.address;
  },
});
