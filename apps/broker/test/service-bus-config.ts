const queue = (Name: string, Properties: object = {}) => ({ Name, Properties });
const sql = (Name: string, SqlExpression: string) => ({
  Name,
  Properties: { FilterType: 'Sql', SqlFilter: { SqlExpression } },
});
const correlation = (Name: string, CorrelationFilter: object) => ({
  Name,
  Properties: { FilterType: 'Correlation', CorrelationFilter },
});

/** What the specs of Service Bus send to, in the official emulator's format. */
export const serviceBusConfig = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'sbemulatorns',
        Queues: [
          queue('commands', { LockDuration: 'PT1M', MaxDeliveryCount: 3 }),
          queue('browsed'),
          queue('deleted'),
          queue('scheduled'),
          queue('deferred', { LockDuration: 'PT1M' }),
          queue('settled', { LockDuration: 'PT30S', MaxDeliveryCount: 3 }),
          queue('short-lived', { DefaultMessageTimeToLive: 'PT1H', DeadLetteringOnMessageExpiration: true }),
          queue('vanishing', { DefaultMessageTimeToLive: 'PT1H' }),
          queue('once', { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: 'PT10M' }),
          queue('sessions', { RequiresSession: true, LockDuration: 'PT1M', MaxDeliveryCount: 3 }),
          queue('small', { MaxSizeInMegabytes: 1 }),
          queue('entrance', { ForwardTo: 'hall', LockDuration: 'PT1M' }),
          queue('hall', { MaxDeliveryCount: 1, ForwardDeadLetteredMessagesTo: 'cellar' }),
          queue('cellar'),
        ],
        Topics: [
          {
            Name: 'news',
            Properties: {},
            Subscriptions: [
              { Name: 'everything', Properties: { MaxDeliveryCount: 3 } },
              { Name: 'sport', Rules: [sql('only', "kind = 'sport' AND score >= 3")] },
              {
                Name: 'urgent',
                Rules: [correlation('only', { Subject: 'urgent', Properties: { kind: 'alarm' } })],
              },
              { Name: 'changing', Rules: [] },
            ],
          },
        ],
      },
    ],
    Logging: { Type: 'Console' },
  },
};
