/** What a case wants its queue to be, beyond the defaults; the first word of a name that fits counts. */
const queueProperties: readonly [RegExp, object][] = [
  [/abandoned/, { MaxDeliveryCount: 3 }],
  [/lock_is_renewed/, { LockDuration: 'PT5S' }],
  [/session_whose_lock/, { RequiresSession: true, LockDuration: 'PT5S' }],
  [/session/, { RequiresSession: true }],
  [/time_to_live/, { DeadLetteringOnMessageExpiration: true }],
  [/counts_once/, { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: 'PT10M' }],
];

const isOfServiceBus = (name: string): boolean => name.startsWith('case_bus_');
const isTopic = (name: string): boolean => name.startsWith('case_bus_topics');

/** A hub, a queue or a topic for each case, by its name, so that all can run at the same time. */
export function entitiesFor(names: readonly string[]): { eventHubs: object; serviceBus: object } {
  const hubs = names.filter((name) => !isOfServiceBus(name));
  const queues = names.filter((name) => isOfServiceBus(name) && !isTopic(name));
  return {
    eventHubs: {
      UserConfig: {
        NamespaceConfig: [{ Type: 'EventHub', Name: 'emulatorNs1', Entities: hubs.map(hub) }],
        LoggingConfig: { Type: 'Console' },
      },
    },
    serviceBus: {
      UserConfig: {
        Namespaces: [
          { Name: 'emulatorNs1', Queues: queues.map(queue), Topics: names.filter(isTopic).map(topic) },
        ],
        Logging: { Type: 'Console' },
      },
    },
  };
}

const hub = (Name: string): object => ({
  Name,
  PartitionCount: 4,
  ConsumerGroups: [{ Name: 'billing' }, { Name: 'shipping' }],
});

const queue = (Name: string): object => ({
  Name,
  Properties: queueProperties.find(([pattern]) => pattern.test(Name))?.[1] ?? {},
});

const topic = (Name: string): object => ({
  Name,
  Properties: {},
  Subscriptions: [
    { Name: 'everything' },
    {
      Name: 'sport',
      Rules: [
        {
          Name: 'only',
          Properties: {
            FilterType: 'Sql',
            SqlFilter: { SqlExpression: "kind = 'sport' AND score >= 3 AND live = TRUE" },
          },
        },
      ],
    },
  ],
});
