import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/scopes.js';
import { metrics } from '../metrics/metrics.js';
import { type Readiness, ReadinessRegistry } from './readiness.registry.js';

@ApiExcludeController()
@Public()
@Controller()
export class HealthController {
  constructor(private readonly readiness: ReadinessRegistry) {}

  /** The process answers: an orchestrator restarts it when it does not. */
  @Get('health/live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  /** The service can do its work: 503 names what is missing. */
  @Get('health/ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.readiness.look();
    if (!readiness.ready) void reply.status(503);
    return readiness;
  }

  @Get('metrics')
  @Header('content-type', metrics.contentType)
  async metrics(): Promise<string> {
    return metrics.metrics();
  }
}
