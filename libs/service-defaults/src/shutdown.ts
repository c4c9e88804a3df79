import { type INestApplication, Logger } from '@nestjs/common';
import type { Drain } from './http/drain.js';

const graceMs = 8_000;

/**
 * SIGTERM, SIGINT, or a launcher that is gone: finish what was accepted, close in order, exit. What hangs is cut off
 * after eight seconds; everything acknowledged is on disk by then, so nothing is lost by it.
 */
export function closeOnSignal(
  app: INestApplication,
  drain: Pick<Drain, 'begin'>,
  afterwards: () => Promise<void>,
): void {
  let closing = false;
  const close = async (reason: string): Promise<void> => {
    if (closing) return;
    closing = true;
    const logger = new Logger('Service');
    const deadline = setTimeout(() => {
      logger.warn(`not closed ${graceMs / 1000} s after ${reason}: leaving now`);
      process.exit(1);
    }, graceMs);
    try {
      await drain.begin();
      await app.close();
      await afterwards();
    } catch (error) {
      logger.error(`closing failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    clearTimeout(deadline);
    process.exit(0);
  };
  process.once('SIGTERM', () => void close('SIGTERM'));
  process.once('SIGINT', () => void close('SIGINT'));
  process.once('disconnect', () => void close('the launcher ended'));
}
