import { LogError } from '@app/partition-log';
import { Broker } from './broker.js';
import { ConfigError } from './config/config-error.js';
import { readOptions } from './config/options.js';
import { createLogger } from './logging/logger.js';

const log = createLogger(process.env['LOG_FORMAT'], (line) => process.stdout.write(line));
const started = performance.now();
process.stdout.on('error', () => undefined); // nobody reads the log any more: no reason to fall over

try {
  const options = readOptions(process.argv.slice(2), process.env);
  const broker = await Broker.start(options, log);
  const { amqpPort, httpPort } = broker;
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    broker.stop().then(
      () => {
        log.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        log.error(`stopped with an error: ${String(error)}`);
        process.exit(1);
      },
    );
  };
  const renew = () => {
    try {
      broker.renewCertificate();
      log.info('the TLS certificate was read anew');
    } catch (error) {
      log.error(`the TLS certificate stays as it was: ${(error as Error).message}`);
    }
  };
  if (options.tls !== undefined) process.on('SIGHUP', renew);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop); // whoever forked it is gone

  // Who reads that it is ready may end it in the same moment: its signals are heard by now.
  const ms = Math.round(performance.now() - started);
  const secured = options.tls === undefined ? ['AMQP', 'HTTP'] : ['AMQP over TLS', 'HTTPS'];
  const where = `${secured[0]} ${options.host}:${amqpPort}, ${secured[1]} ${options.host}:${httpPort}`;
  log.info(`ready in ${ms} ms: ${where}, ${broker.names.join(', ')}`, { ready: true, amqpPort, httpPort });
  if (options.isPublic && options.tls === undefined) {
    log.warn(
      `HOST ${options.host} is not loopback and there is no TLS: --tls-cert and --tls-key encrypt what passes`,
    );
  }
  process.send?.({ ready: true, amqpPort, httpPort });
} catch (error) {
  const forOperator = error instanceof ConfigError || error instanceof LogError;
  log.error(forOperator ? error.message : String(error instanceof Error ? error.stack : error));
  process.exitCode = 1;
}
