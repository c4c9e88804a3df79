"""Who lives where: a consumer on the official SDK, with a row a customer in SQLite. See docs/other-languages.md.

Its position is written in the transaction that writes the rows, so each event has its effect once.
"""

import json
import os
import sys

from azure.eventhub import EventHubConsumerClient

from customer_events import Customer, OpenedData
from opening import Opener
from platform_client import PlatformClient, secret
from store import Store

GROUP = os.environ.get("CONSUMER_GROUP", "python-example")
WANTED = {"CustomerAdded", "AddressChanged", "CustomerErased"}


def attribute(event, name):
    """A CloudEvents attribute, which is an application property: the body is not looked at for it."""
    for prefix in (b"cloudEvents_", b"cloudEvents:"):
        value = (event.properties or {}).get(prefix + name.encode())
        if value is not None:
            return value.decode() if isinstance(value, bytes) else value
    return None


def say(**what):
    print(json.dumps(what), flush=True)


class Consumer:
    def __init__(self, platform: PlatformClient, store: Store):
        self.platform = platform
        self.store = store
        self.opener = Opener(platform)

    def on_batch(self, context, events):
        """Filters by type, opens with the keys of the whole batch, writes rows and position together."""
        wanted = [event for event in events if attribute(event, "type") in WANTED]
        erased = [attribute(e, "subject") for e in wanted if attribute(e, "type") == "CustomerErased"]
        self.opener.forget(erased)
        bodies = [json.loads(event.body_as_str()) for event in wanted]
        opened = self.opener.open_all([body for body in bodies if "personal" in body])
        with self.store.transaction() as store:
            for event, body in zip(wanted, bodies):
                self.handle(store, event, opened.get(id(body), body))
            if events:
                store.move_position(context.partition_id, events[-1].sequence_number)
        self.confirm_erasures()

    def handle(self, store: Store, event, data: OpenedData):
        subject, kind = attribute(event, "subject"), attribute(event, "type")
        if kind == "CustomerErased":
            store.forget(subject)
            store.note_erasure(data["erasureId"])
            say(id=attribute(event, "id"), type=kind, subject=subject)
            return
        personal = data["personal"]
        if personal is None:
            return  # erased meanwhile: nothing is left to know
        current: Customer = personal["current"]
        home = current["addresses"].get("home")
        # What the relay sends twice, or a replay brings again, is at or below the version that is there.
        if store.save(subject, current["version"], home["city"] if home else None):
            say(id=attribute(event, "id"), type=kind, subject=subject, version=current["version"])

    def confirm_erasures(self):
        """After the commit; what could not be told is told with the next batch, or at the next start."""
        for erasure_id in self.store.unconfirmed():
            self.platform.confirm_erasure(erasure_id, GROUP)
            self.store.confirmed(erasure_id)


def main():
    platform = PlatformClient()
    platform.register(GROUP)
    consumer = Consumer(platform, Store(os.environ.get("STORE", "customers.sqlite")))
    consumer.confirm_erasures()
    client = EventHubConsumerClient.from_connection_string(
        secret("EVENTHUBS_CONNECTION_STRING"),
        consumer_group=GROUP,
        eventhub_name=os.environ.get("EVENTHUB_NAME", "customer-events"),
    )
    positions = consumer.store.positions(client.get_partition_ids())
    failed = []

    def on_error(context, error):
        # The SDK goes on by itself where the connection was lost; what we threw would skip the batch silently.
        failed.append(error)
        print(f"partition {context and context.partition_id}: {error!r}", file=sys.stderr, flush=True)
        client.close()

    with client:
        client.receive_batch(
            consumer.on_batch,
            on_error=on_error,
            starting_position=positions,
            max_wait_time=1,
            max_batch_size=300,
            on_partition_initialize=lambda context: say(reading=context.partition_id),
        )
    if failed:
        sys.exit(1)  # whoever started us starts us again, from the position that was committed


if __name__ == "__main__":
    main()
