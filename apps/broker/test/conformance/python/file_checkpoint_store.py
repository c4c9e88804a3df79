"""A checkpoint store that several processes share: a JSON file under a lock. For tests only."""

import fcntl
import json
import time
import uuid

from azure.eventhub import CheckpointStore


class FileCheckpointStore(CheckpointStore):
    def __init__(self, path):
        self._path = path

    def _change(self, change):
        with open(self._path, "a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            state = json.loads(file.read() or '{"ownerships": {}, "checkpoints": {}}')
            answer = change(state)
            file.seek(0)
            file.truncate()
            json.dump(state, file)
            return answer

    def list_ownership(self, *_scope, **_options):
        return self._change(lambda state: list(state["ownerships"].values()))

    def list_checkpoints(self, *_scope, **_options):
        return self._change(lambda state: list(state["checkpoints"].values()))

    def claim_ownership(self, ownership_list, **_options):
        def change(state):
            claimed = []
            for wanted in ownership_list:
                there = state["ownerships"].get(wanted["partition_id"])
                if there and there["etag"] != wanted.get("etag"):
                    continue  # another process was quicker
                given = {**wanted, "etag": str(uuid.uuid4()), "last_modified_time": time.time()}
                state["ownerships"][wanted["partition_id"]] = given
                claimed.append(given)
            return claimed

        return self._change(change)

    def update_checkpoint(self, checkpoint, **_options):
        self._change(lambda state: state["checkpoints"].update({checkpoint["partition_id"]: checkpoint}))
