import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import type { PartitionStore } from '../checkpoint-store/partition-store.js';
import { EventHubsSubscription } from './event-hubs-subscription.js';

describe('a subscription that cannot even begin', () => {
  afterEach(() => jest.restoreAllMocks());

  it('says so without the key, reads nothing, and can be closed', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const subscription = new EventHubsSubscription({
      settings: {
        connectionString: 'Endpoint=sb://h/;SharedAccessKeyName=a;SharedAccessKey=c2VjcmV0;EntityPath=orders',
        eventHubName: 'customer-events',
      },
      consumerGroup: 'audit',
      store: {} as PartitionStore,
      processor: { process: async () => undefined },
      events: new EventEmitter(),
    });
    subscription.start();
    await subscription.close();
    expect(subscription.running).toBe(false);
    expect(logged).toHaveBeenCalledWith(expect.stringContaining('reading has ended'));
    expect(String(logged.mock.calls)).not.toContain('c2VjcmV0');
  });
});
