import { below, ServiceToken } from '@app/service-defaults';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';

const answer = z.object({ held: z.record(z.string(), z.unknown()) });

const patienceMs = 10_000;

/** Asks one consumer what it holds about a customer, with this service's own token. */
@Injectable()
export class ConsumerDataClient {
  constructor(private readonly token: ServiceToken) {}

  /** @throws with a reason that may be told, when the consumer cannot be asked or does not answer as it should */
  async heldBy(consumer: URL, customerId: string): Promise<Record<string, unknown>> {
    const url = below(consumer, `admin/personal-data/${encodeURIComponent(customerId)}`);
    const authorization = `Bearer ${await this.token.get()}`;
    const signal = AbortSignal.timeout(patienceMs);
    const response = await fetch(url, { headers: { authorization }, signal }).catch((cause: unknown) => {
      throw new Error(signal.aborted ? `no answer within ${patienceMs / 1000} s` : 'cannot be reached', {
        cause,
      });
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`answered ${response.status}`);
    }
    const { success, data } = answer.safeParse(await response.json());
    if (!success) throw new Error('answered in another form');
    return data.held;
  }
}
