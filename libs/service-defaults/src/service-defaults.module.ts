import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AuthGuard } from './auth/auth.guard.js';
import { ServiceToken } from './auth/service-token.js';
import { remoteKeys, TokenVerifier } from './auth/token-verifier.js';
import type { ServiceEnvironment } from './config/service-environment.js';
import { HealthController } from './health/health.controller.js';
import { ReadinessRegistry } from './health/readiness.registry.js';
import { ProblemFilter } from './http/problem.filter.js';
import { QueryGuard } from './http/query.guard.js';
import { RateLimit } from './http/rate-limit.js';
import { validationPipe } from './http/validation.pipe.js';

/** What every service gets without asking. */
@Module({})
export class ServiceDefaultsModule {
  static forRoot(env: ServiceEnvironment): DynamicModule {
    return {
      module: ServiceDefaultsModule,
      global: true,
      controllers: [HealthController],
      providers: [
        ReadinessRegistry,
        {
          provide: TokenVerifier,
          useFactory: () =>
            new TokenVerifier(remoteKeys(env.AUTH_JWKS_URL), {
              issuer: env.AUTH_ISSUER,
              audience: env.AUTH_AUDIENCE,
            }),
        },
        {
          provide: ServiceToken,
          useFactory: () =>
            new ServiceToken({
              tokenUrl: env.AUTH_TOKEN_URL,
              clientId: env.AUTH_CLIENT_ID,
              clientSecret: env.AUTH_CLIENT_SECRET,
            }),
        },
        { provide: RateLimit, useFactory: () => new RateLimit(env.RATE_LIMIT_PER_SECOND) },
        AuthGuard,
        { provide: APP_GUARD, useExisting: AuthGuard },
        { provide: APP_GUARD, useClass: QueryGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: validationPipe },
      ],
      exports: [ReadinessRegistry, ServiceToken, TokenVerifier],
    };
  }
}
