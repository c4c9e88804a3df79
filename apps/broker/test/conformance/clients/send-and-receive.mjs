// node send-and-receive.mjs CONNECTION_STRING HUB: sends three events to partition 0, prints what it reads from there.
import { EventHubConsumerClient, EventHubProducerClient, earliestEventPosition } from '@azure/event-hubs';

const [connectionString, hub] = process.argv.slice(2);
const options = { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 } };
const producer = new EventHubProducerClient(connectionString, hub, options);
const consumer = new EventHubConsumerClient('$Default', connectionString, hub, options);
const bodies = [];
try {
  await producer.sendBatch(
    [1, 2, 3].map((body) => ({ body })),
    { partitionId: '0' },
  );
  await new Promise((resolve, reject) => {
    consumer.subscribe(
      '0',
      {
        processEvents: async (events) => {
          bodies.push(...events.map(({ body }) => body));
          if (bodies.length >= 3) resolve();
        },
        processError: async (error) => reject(error),
      },
      { startPosition: earliestEventPosition },
    );
  });
  console.log(JSON.stringify({ bodies }));
} catch (error) {
  console.log(JSON.stringify({ error: error.code ?? error.name, message: error.message }));
} finally {
  await Promise.all([producer.close(), consumer.close()]);
}
