import { Client, type ClientConfig } from 'pg';

/**
 * The driver's client, which ends its connection when a query gets no answer in time. Left alone it would go back to the
 * pool, where all who take it wait behind the lost query until the kernel gives the socket up, about a quarter of an hour.
 */
export class GivingUpClient extends Client {
  private isHeld = false;

  constructor(config?: ClientConfig) {
    super(config);
    // Between the pool and who takes it, nobody listens: an end that came just then would end the process. The next query
    // tells of it, and the pool lets go of a client that is not fit for one.
    this.on('error', () => undefined);
  }

  override query(...parameters: never[]): never {
    if (this.pipeline) this.writeTogether();
    // oxlint-disable-next-line typescript/unbound-method -- bound in the same breath; the overloads cannot be told apart here
    const result: unknown = Reflect.apply(super.query, this, parameters);
    if (result instanceof Promise) {
      result.catch((error: unknown) => {
        if (error instanceof Error && error.message === 'Query read timeout') void this.end();
      });
    }
    return result as never;
  }

  /** Statements of a pipelined connection that are begun in one turn go out in one write: each write is a system call. */
  private writeTogether(): void {
    if (this.isHeld) return;
    const { stream } = this.connection;
    this.isHeld = true;
    stream.cork();
    // After all that the promises of this turn begin.
    process.nextTick(() => {
      this.isHeld = false;
      stream.uncork();
    });
  }
}
