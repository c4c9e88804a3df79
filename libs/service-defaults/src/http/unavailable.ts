/** PostgreSQL's classes 08 connection, 53 resources, 57P shutdown, 58 system (manual, appendix A), and sockets. */
const codes = /^(08|53|57P|58)[0-9A-Z]+$|^E(CONN|PIPE|TIMEDOUT|HOST|NET|AI_)|^ENOTFOUND$/;

/** What the driver says without a code. */
const messages =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed/;

/** Whether an error, or what it wraps, says that something we depend on is away: nobody's fault, and worth trying again. */
export function isUnavailable(error: unknown): boolean {
  for (let current: unknown = error, depth = 0; current && depth < 8; depth++) {
    const { code, driverError, cause, message } = current as Record<string, unknown>;
    if (typeof code === 'string' && codes.test(code)) return true;
    if (typeof message === 'string' && messages.test(message)) return true;
    current = driverError ?? cause;
  }
  return false;
}
