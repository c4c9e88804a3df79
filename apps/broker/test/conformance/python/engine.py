"""What the cases share: clients of one engine, and a reader that stops by itself."""

import os
import threading

from azure.eventhub import EventData, EventHubConsumerClient, EventHubProducerClient

CONNECTION_STRING = os.environ["ENGINE_CONNECTION_STRING"]
PATIENCE_SECONDS = 30
QUICK = {"retry_total": 0, "auth_timeout": 10}

_case = threading.local()


def begin(case):
    """From now on this thread works for a case."""
    _case.name = case


def entity():
    """The hub, queue or topic that the case of this thread has for itself: they run at the same time."""
    return _case.name if hasattr(_case, "name") else os.environ["ENGINE_ENTITY"]


def refused(use, *kinds):
    """The error that a use ends with; anything else is a failure."""
    try:
        use()
    except kinds as error:
        return str(error)
    raise AssertionError(f"was not refused with {[kind.__name__ for kind in kinds]}")


def producer(hub=None, connection_string=CONNECTION_STRING, **options):
    return EventHubProducerClient.from_connection_string(
        connection_string, eventhub_name=hub or entity(), **{**QUICK, **options}
    )


def consumer(hub=None, group="$Default", connection_string=CONNECTION_STRING, **options):
    return EventHubConsumerClient.from_connection_string(
        connection_string, consumer_group=group, eventhub_name=hub or entity(), **{**QUICK, **options}
    )


def send(bodies, hub=None, **where):
    """One batch to one partition."""
    with producer(hub) as client:
        batch = client.create_batch(**where)
        for body in bodies:
            batch.add(body if isinstance(body, EventData) else EventData(body))
        client.send_batch(batch)


def last_of(partition, hub=None):
    with producer(hub) as client:
        return client.get_partition_properties(partition)


def lasts():
    """The last sequence number of each partition."""
    with producer() as client:
        return [client.get_partition_properties(str(n))["last_enqueued_sequence_number"] for n in range(4)]


class Reading:
    """One partition, read in a thread of its own until it has what is wanted, or an error."""

    def __init__(self, partition, position="-1", inclusive=False, group="$Default", hub=None, **options):
        self.events = []
        self.error = None
        self._changed = threading.Condition()
        self._client = consumer(hub, group)
        self._thread = threading.Thread(
            target=self._client.receive,
            args=(self._on_event,),
            kwargs={
                "partition_id": partition,
                "starting_position": position,
                "starting_position_inclusive": inclusive,
                "on_error": self._on_error,
                **options,
            },
            daemon=True,
        )
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()
        self._thread.join(PATIENCE_SECONDS)

    def _on_event(self, context, event):
        with self._changed:
            self.context = context
            self.events.append(event)
            self._changed.notify_all()

    def _on_error(self, _context, error):
        with self._changed:
            self.error = self.error or error
            self._changed.notify_all()

    def wait(self, condition):
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self), PATIENCE_SECONDS):
                raise AssertionError(f"waited in vain: {len(self.events)} events, error {self.error!r}")

    def bodies(self, count):
        self.wait(lambda reading: len(reading.events) >= count or reading.error)
        if self.error:
            raise self.error
        return [event.body_as_str() for event in self.events]


def read(partition, count, position="-1", inclusive=False, **options):
    with Reading(partition, position, inclusive, **options) as reading:
        reading.wait(lambda r: len(r.events) >= count or r.error)
        if reading.error:
            raise reading.error
        return reading.events
