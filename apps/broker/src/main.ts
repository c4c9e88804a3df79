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
  const ms = Math.round(performance.now() - started);
  const where = `AMQP ${options.host}:${amqpPort}, HTTP ${options.host}:${httpPort}`;
  log.info(`ready in ${ms} ms: ${where}, ${broker.hubNames.join(', ')}`, { ready: true, amqpPort, httpPort });
  process.send?.({ ready: true, amqpPort, httpPort });

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
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop); // whoever forked it is gone
} catch (error) {
  const forOperator = error instanceof ConfigError || error instanceof LogError;
  log.error(forOperator ? error.message : String(error instanceof Error ? error.stack : error));
  process.exitCode = 1;
}
