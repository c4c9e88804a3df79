import { Injectable } from '@nestjs/common';
import { z } from 'zod';

const tokenAnswer = z.object({ access_token: z.string(), expires_in: z.number().positive() });

export interface ClientCredentials {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
}

/** No token could be had; it is worth trying again. */
export class ServiceTokenError extends Error {
  readonly code = 'NO_SERVICE_TOKEN';
  readonly canRetry = true;
}

/** The token with which this service calls the others: OAuth 2.0 client credentials (RFC 6749 §4.4), cached. */
@Injectable()
export class ServiceToken {
  private current: { token: string; renewAt: number } | undefined;
  private pending: Promise<string> | undefined;

  constructor(private readonly credentials: Partial<ClientCredentials>) {}

  /** @throws {ServiceTokenError} */
  async get(): Promise<string> {
    if (this.current !== undefined && this.current.renewAt > Date.now()) return this.current.token;
    this.pending ??= this.fetch().finally(() => (this.pending = undefined));
    return this.pending;
  }

  private async fetch(): Promise<string> {
    const { tokenUrl, clientId, clientSecret } = this.credentials;
    if (!tokenUrl || !clientId || !clientSecret) {
      throw new ServiceTokenError(
        'set AUTH_TOKEN_URL, AUTH_CLIENT_ID and AUTH_CLIENT_SECRET to call other services',
      );
    }
    try {
      const response = await fetch(tokenUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: clientSecret,
        }),
        signal: AbortSignal.timeout(5_000),
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw new Error(`${tokenUrl} answered ${response.status}`);
      }
      const { access_token: token, expires_in: seconds } = tokenAnswer.parse(await response.json());
      this.current = { token, renewAt: Date.now() + seconds * 900 };
      return token;
    } catch (cause) {
      throw new ServiceTokenError(`no token for ${clientId}: ${messageOf(cause)}`, { cause });
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
