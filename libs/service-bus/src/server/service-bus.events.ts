/** What happens to a subscription, for metrics, tests and whoever waits for a state. */
export interface ServiceBusEvents {
  /** The engine answers and commands are being taken. */
  connected: [];
  /** The engine is away; it is being tried again. */
  disconnected: [];
  /** A command has been done and settled. */
  completed: [messageId: string];
  /** A command has been given back, to come again. */
  abandoned: [messageId: string, error: unknown];
  deadLettered: [messageId: string, reason: string];
  /** Its lock was gone when it was to be settled: it comes again, whatever was done with it. */
  lockLost: [messageId: string];
  /** Something every command needs is away; all wait. */
  paused: [cause: unknown];
  resumed: [];
}

export type ServiceBusListeners = {
  [Name in keyof ServiceBusEvents]: (...values: ServiceBusEvents[Name]) => void;
};
