// The unmodified client and nothing else: reads a hub from its start and counts what it gets.
//   node bare.mjs CONNECTION_STRING HUB LIMITS
import { EventHubConsumerClient } from '@azure/event-hubs';
import { Span } from './span.mjs';

const [connectionString, hub, limits] = process.argv.slice(2);
const span = new Span(JSON.parse(limits));
const client = new EventHubConsumerClient('two', connectionString, hub, {
  loadBalancingOptions: { strategy: 'greedy', updateIntervalInMs: 1_000 },
});
const handlers = {
  processEvents: async (events) => span.count(events.length),
  processError: async (error) => {
    throw error;
  },
};
// As libs/event-hubs reads.
client.subscribe(handlers, {
  maxBatchSize: 500,
  prefetchCount: 1_500,
  maxWaitTimeInSeconds: 1,
  skipParsingBodyAsJson: true,
  startPosition: { offset: '-1' },
});
process.on('disconnect', () => process.exit());
process.send('ready');
process.send({ run: await span.done });
