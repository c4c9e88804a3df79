import { Client, type ClientConfig } from 'pg';

/**
 * The driver's client, which ends its connection when a query gets no answer in time. Left alone it would go back to the
 * pool, where all who take it wait behind the lost query until the kernel gives the socket up, about a quarter of an hour.
 */
export class GivingUpClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    // Between the pool and who takes it, nobody listens: an end that came just then would end the process. The next query
    // tells of it, and the pool lets go of a client that is not fit for one.
    this.on('error', () => undefined);
  }

  override query(...parameters: never[]): never {
    // oxlint-disable-next-line typescript/unbound-method -- bound in the same breath; the overloads cannot be told apart here
    const result: unknown = Reflect.apply(super.query, this, parameters);
    if (result instanceof Promise) {
      result.catch((error: unknown) => {
        if (error instanceof Error && error.message === 'Query read timeout') void this.end();
      });
    }
    return result as never;
  }
}
