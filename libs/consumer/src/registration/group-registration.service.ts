import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { backOffMs, pause } from '@app/event-hubs';
import { loadEnv, ServiceToken } from '@app/service-defaults';
import { CONSUMER_OPTIONS, type ConsumerOptions } from '../consumer.options.js';
import { profileEnvironment } from '../keys/key-source.js';

const backOff = { baseMs: 250, maxMs: 15_000 };

/**
 * Tells the profile service that this group exists, so that erasures wait for its confirmation. It goes on trying in the
 * background: a consumer is of use before profile has answered, and the two start at the same time.
 */
@Injectable()
export class GroupRegistration implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Consumer');
  private readonly stopping = new AbortController();
  private readonly url: string;
  private registering: Promise<void> | undefined;

  constructor(
    @Inject(CONSUMER_OPTIONS) private readonly options: ConsumerOptions,
    private readonly token: ServiceToken,
  ) {
    const { PROFILE_URL } = loadEnv(profileEnvironment);
    this.url = `${PROFILE_URL}/v1/consumer-groups/${encodeURIComponent(options.consumerGroup)}`;
  }

  onApplicationBootstrap(): void {
    this.registering = this.register();
  }

  /** Resolves when profile has answered, or the service ends. */
  async whenRegistered(): Promise<void> {
    await this.registering;
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.registering;
  }

  private async register(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.put();
        this.logger.log(`group ${this.options.consumerGroup} is registered at profile`);
        return;
      } catch (error) {
        if (failures === 8) this.logger.warn(`profile has not taken the registration yet: ${String(error)}`);
        await pause(backOffMs(failures, backOff), signal);
      }
    }
  }

  private async put(): Promise<void> {
    const response = await this.token.fetch(this.url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.any([AbortSignal.timeout(5_000), this.stopping.signal]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${this.url} answered ${response.status}`);
  }
}
