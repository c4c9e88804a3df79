/** A command on its way to a queue. */
export interface OutgoingCommand {
  /** By it the queue knows a command that is sent again, within its window of duplicate detection. */
  messageId: string;
  /** What is to be done: the message's subject (label), which `@MessagePattern` takes it by. */
  name: string;
  /** JSON text, put into the message byte for byte. */
  body: string;
  /** What it is about, for whoever looks at the queue: an id, nothing personal. */
  correlationId?: string;
  /** W3C Trace Context: the trace goes on in the handler. */
  traceparent?: string;
}
