import { Injectable } from '@nestjs/common';
import { loadEnv, ServiceToken } from '@app/service-defaults';
import { z } from 'zod';

/** The key of a customer, or that there is none any more. */
export type PersonalDataKey = { erased: false; key: Buffer } | { erased: true };

/** The key service is away, or does not know a customer: wait, park nobody, and never take it for an erasure. */
export class KeyServiceError extends Error {
  readonly code = 'NO_PERSONAL_DATA_KEYS';
  readonly canRetry = true;
}

/** As many customers as one request may ask for. */
export const keysPerRequest = 1_000;

const answerMs = 5_000;

/** Unknown customers that an error message names. */
const namedAtMost = 5;

export const profileEnvironment = z.object({
  /** The profile service, which hands out keys and registers consumer groups. */
  PROFILE_URL: z.url().default('http://127.0.0.1:3000'),
});

const answer = z.object({
  items: z.array(
    z.union([
      z.object({ customerId: z.string(), erased: z.literal(true) }),
      z.object({ customerId: z.string(), key: z.object({ k: z.string().regex(/^[\w-]{43}$/) }) }),
    ]),
  ),
});

/** Asks the profile service for keys, with this service's own token. */
@Injectable()
export class KeySource {
  private readonly url = `${loadEnv(profileEnvironment).PROFILE_URL}/v1/personal-data-keys`;

  constructor(private readonly token: ServiceToken) {}

  /** @param customerIds at most {@link keysPerRequest}. @throws {KeyServiceError} */
  async fetch(customerIds: readonly string[]): Promise<Map<string, PersonalDataKey>> {
    try {
      const { status, text } = await this.token.post(this.url, { customerIds }, answerMs);
      if (status !== 200) throw new Error(`${this.url} answered ${status}${reasonOf(status, text)}`);
      const { items } = answer.parse(JSON.parse(text));
      return new Map(
        items.map((item) => [
          item.customerId,
          'key' in item ? { erased: false, key: Buffer.from(item.key.k, 'base64url') } : { erased: true },
        ]),
      );
    } catch (cause) {
      throw new KeyServiceError(`no keys: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }
}

const problem = z.object({ errors: z.array(z.object({ detail: z.string() })) });

/** Whom the service does not know, as its problem document (RFC 9457) says: ids, and nothing personal. */
function reasonOf(status: number, text: string): string {
  if (status !== 404) return '';
  try {
    const { errors } = problem.parse(JSON.parse(text));
    const named = errors.slice(0, namedAtMost).map(({ detail }) => detail);
    const more = errors.length > namedAtMost ? ` (and ${errors.length - namedAtMost} more)` : '';
    return `: ${named.join(' ')}${more}`;
  } catch {
    // Some other 404, of a proxy or a wrong PROFILE_URL: its status says enough.
    return '';
  }
}
