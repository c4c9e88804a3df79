import { type DynamicModule, Logger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { AuthGuard } from './auth/auth.guard.js';
import { EnvironmentError, loadEnv } from './config/load-env.js';
import { refuseDefaultSecrets, serviceEnvironment } from './config/service-environment.js';
import { httpAdapter } from './http/adapter.js';
import { Drain } from './http/drain.js';
import { acceptJsonBodies } from './http/json-body.js';
import { ServiceLogger } from './logging/service.logger.js';
import { serveOpenApi } from './openapi/openapi.js';
import { ServiceDefaultsModule } from './service-defaults.module.js';
import { closeOnSignal } from './shutdown.js';
import { startTracing } from './tracing/start-tracing.js';

export interface ServiceOptions {
  /** Names the service in logs. */
  name: string;
  module: Type | DynamicModule;
  /** The variable that sets the port, and the port where it is not set; 0 takes a free one. */
  portVariable: string;
  defaultPort: number;
  /** The transports that bring events or commands, where the service has any. */
  strategy?: (app: NestFastifyApplication) => CustomTransportStrategy | CustomTransportStrategy[];
  /** Media types of JSON that this service takes besides `application/json`. */
  bodyTypes?: readonly string[];
  /** What this service alone needs of its HTTP server, before it listens. */
  configure?: (app: NestFastifyApplication) => Promise<void> | void;
}

/**
 * Starts a service with everything every service has. A wrong environment, a taken port or a database that is not
 * there ends the process with one clear line. The launcher is told `{ ready: true, port }` once it serves.
 */
export async function bootstrap(options: ServiceOptions): Promise<void> {
  try {
    await start(options);
  } catch (error) {
    new Logger(options.name).fatal(describe(error, options));
    if (!(error instanceof Error) || !isForeseen(error)) console.error(error);
    process.exit(1);
  }
}

async function start(options: ServiceOptions): Promise<void> {
  const env = loadEnv(serviceEnvironment);
  const logger = new ServiceLogger(options.name, env.LOG_FORMAT);
  Logger.overrideLogger(logger);
  refuseDefaultSecrets(env);
  const port = portOf(options);
  const stopTracing = await startTracing(options.name);

  const root = { module: class Service {}, imports: [ServiceDefaultsModule.forRoot(env), options.module] };
  const adapter = httpAdapter();
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger,
  });
  app.get(AuthGuard).guard(adapter.getInstance());
  acceptJsonBodies(adapter.getInstance(), options.bodyTypes);
  await options.configure?.(app);
  serveOpenApi(app, options.name);
  closeOnSignal(app, new Drain(adapter.getInstance().server), stopTracing);

  for (const strategy of [options.strategy?.(app) ?? []].flat()) app.connectMicroservice({ strategy });
  await app.listen(port, env.HOST);
  await app.startAllMicroservices();
  const listening = (adapter.getInstance().server.address() as AddressInfo).port;
  new Logger('Service').log(`ready on http://${env.HOST}:${listening}`);
  process.send?.({ ready: true, port: listening });
}

function portOf({ portVariable, defaultPort }: ServiceOptions): number {
  const text = process.env[portVariable];
  if (!text) return defaultPort;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new EnvironmentError(`${portVariable} is wrong: "${text}" is not a port`);
}

const isForeseen = (error: Error): boolean =>
  error instanceof EnvironmentError || codeOf(error) === 'EADDRINUSE';
const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

function describe(error: unknown, { portVariable, defaultPort }: ServiceOptions): string {
  if (codeOf(error) === 'EADDRINUSE') {
    const port = process.env[portVariable] ?? defaultPort;
    return `port ${port} is taken by another program: stop it, or set ${portVariable}`;
  }
  return error instanceof Error ? error.message : String(error);
}
