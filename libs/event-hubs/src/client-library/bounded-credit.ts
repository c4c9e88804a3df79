import { Receiver } from 'rhea-promise';

/**
 * At every receive the client library adds `prefetchCount` credits less what it has in its queue, whatever credit the
 * link still has (@azure/event-hubs 6.0.4: partitionReceiver.js, addCredits). Each second in which nothing comes adds as
 * many again, so that after an idle hour millions of events may be sent at once, into the memory of a process whose
 * handler is slow or whose group is paused. What it asks for is what the link should have: only the rest is added.
 * Links of Service Bus are left as they are: that library adds what a settled message has used up.
 */
// oxlint-disable-next-line typescript/unbound-method -- called with its receiver below
const addCredit = Receiver.prototype.addCredit;

Receiver.prototype.addCredit = function (this: Receiver, wanted: number): void {
  const missing = isOfHub(this) ? wanted - this.credit : wanted;
  if (missing > 0) addCredit.call(this, missing);
};

/** Event Hubs' addresses: `hub/ConsumerGroups/group/Partitions/n`. */
const isOfHub = ({ source }: Receiver): boolean => /\/ConsumerGroups\//i.test(source?.address ?? '');
