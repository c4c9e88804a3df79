import { ConsoleLogger } from '@nestjs/common';

/** Nest's own account of its start: of use to nobody who runs the platform. */
const chatter = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
]);

/** JSON lines for machines, text for a person; each names the service. */
export class ServiceLogger extends ConsoleLogger {
  constructor(service: string, format: 'json' | 'text') {
    super({ prefix: service, json: format === 'json', colors: format === 'text' && process.stdout.isTTY });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (chatter.has(String(rest.at(-1)))) return;
    super.log(message, ...rest);
  }
}
