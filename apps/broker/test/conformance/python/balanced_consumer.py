"""python balanced_consumer.py STORE_FILE: one of several consumers of a group; a line for every event and claim."""

import json
import sys

from engine import consumer
from file_checkpoint_store import FileCheckpointStore


def say(**what):
    print(json.dumps(what), flush=True)


def on_event(context, event):
    try:
        body = event.body_as_str()
    except TypeError:
        body = None  # of another kind, from another case
    say(partition=context.partition_id, body=body, sequence=event.sequence_number)
    context.update_checkpoint(event)


client = consumer(
    group="shipping",
    checkpoint_store=FileCheckpointStore(sys.argv[1]),
    load_balancing_interval=1,
    partition_ownership_expiration_interval=6,
)
with client:
    client.receive(
        on_event,
        starting_position="-1",
        on_partition_initialize=lambda context: say(claimed=context.partition_id),
        on_partition_close=lambda context, reason: say(left=context.partition_id, reason=str(reason)),
        on_error=lambda context, error: say(error=repr(error)),
    )
