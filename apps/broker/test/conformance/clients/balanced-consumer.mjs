// node balanced-consumer.mjs CONNECTION_STRING: one of several consumers of a group. Its checkpoint store is the
// parent process, asked over IPC; it tells the parent of every claim and event.
import { EventHubConsumerClient, earliestEventPosition } from '@azure/event-hubs';

let asked = 0;
const waiting = new Map();
process.on('message', ({ id, answer }) => {
  waiting.get(id)(answer);
  waiting.delete(id);
});
process.on('disconnect', () => process.exit(0));
const store = (method) => (argument) =>
  new Promise((resolve) => {
    waiting.set(++asked, resolve);
    process.send({ id: asked, method, argument });
  });

const client = new EventHubConsumerClient(
  'shipping',
  process.argv[2],
  'orders',
  {
    listOwnership: store('listOwnership'),
    claimOwnership: store('claimOwnership'),
    listCheckpoints: store('listCheckpoints'),
    updateCheckpoint: store('updateCheckpoint'),
  },
  {
    loadBalancingOptions: {
      strategy: 'greedy',
      updateIntervalInMs: 300,
      partitionOwnershipExpirationIntervalInMs: 3_000,
    },
  },
);
client.subscribe(
  {
    processInitialize: async ({ partitionId }) => process.send({ claimed: partitionId }),
    processClose: async (reason, { partitionId }) => process.send({ left: partitionId }),
    processEvents: async (events, context) => {
      for (const { body } of events) process.send({ partition: context.partitionId, body });
      if (events.length > 0) await context.updateCheckpoint(events.at(-1));
    },
    processError: async (error) => process.send({ error: error.code ?? String(error) }),
  },
  { startPosition: earliestEventPosition, maxWaitTimeInSeconds: 1 },
);
