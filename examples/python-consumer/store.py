"""Rows and positions in one SQLite file, written in one transaction."""

import contextlib
import sqlite3
import threading

SCHEMA = """
CREATE TABLE IF NOT EXISTS position (partition_id TEXT PRIMARY KEY, sequence_number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS customer (id TEXT PRIMARY KEY, version INTEGER NOT NULL, city TEXT);
CREATE TABLE IF NOT EXISTS erasure (id TEXT PRIMARY KEY);
"""


class Store:
    def __init__(self, path):
        # The SDK reads each partition in a thread of its own: they take turns.
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.executescript(SCHEMA)

    @contextlib.contextmanager
    def transaction(self):
        with self._lock, self._db:
            yield self

    def positions(self, partition_ids):
        """Where each partition goes on: behind the last event that was written, or at the first there is."""
        known = dict(self._db.execute("SELECT partition_id, sequence_number FROM position"))
        return {one: known.get(one, "-1") for one in partition_ids}

    def move_position(self, partition_id, sequence_number):
        self._db.execute(
            "INSERT INTO position VALUES (?, ?) ON CONFLICT DO UPDATE SET sequence_number = excluded.sequence_number",
            (partition_id, sequence_number),
        )

    def save(self, customer_id, version, city):
        """Whether it was news."""
        done = self._db.execute(
            "INSERT INTO customer VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version,"
            " city = excluded.city WHERE customer.version < excluded.version",
            (customer_id, version, city),
        )
        return done.rowcount > 0

    def forget(self, customer_id):
        self._db.execute("DELETE FROM customer WHERE id = ?", (customer_id,))

    def note_erasure(self, erasure_id):
        self._db.execute("INSERT INTO erasure VALUES (?) ON CONFLICT DO NOTHING", (erasure_id,))

    def unconfirmed(self):
        with self._lock:
            return [row[0] for row in self._db.execute("SELECT id FROM erasure")]

    def confirmed(self, erasure_id):
        with self.transaction():
            self._db.execute("DELETE FROM erasure WHERE id = ?", (erasure_id,))
