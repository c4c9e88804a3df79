"""The official Python client of Service Bus, unmodified, against the engine: one case a function, each with entities of its own."""

import datetime
import time

from azure.servicebus import (
    NEXT_AVAILABLE_SESSION,
    AutoLockRenewer,
    ServiceBusClient,
    ServiceBusMessage,
    ServiceBusReceiveMode,
    ServiceBusSubQueue,
)
from azure.servicebus.exceptions import (
    MessageLockLostError,
    MessageSizeExceededError,
    MessagingEntityNotFoundError,
    OperationTimeoutError,
    ServiceBusAuthenticationError,
    ServiceBusAuthorizationError,
    ServiceBusConnectionError,
    ServiceBusError,
    SessionCannotBeLockedError,
    SessionLockLostError,
)

from engine import CONNECTION_STRING, PATIENCE_SECONDS, entity, refused


class Bus:
    """A client, and what it opens."""

    def __init__(self, connection_string=CONNECTION_STRING):
        self._client = ServiceBusClient.from_connection_string(connection_string, retry_total=0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()

    def send(self, *bodies, queue=None, **properties):
        with self._client.get_queue_sender(queue or entity()) as sender:
            sender.send_messages([
                body if isinstance(body, ServiceBusMessage) else ServiceBusMessage(body, **properties) for body in bodies
            ])

    def sender(self, queue=None):
        return self._client.get_queue_sender(queue or entity())

    def publisher(self):
        return self._client.get_topic_sender(entity())

    def receiver(self, queue=None, **options):
        return self._client.get_queue_receiver(queue or entity(), **options)

    def subscriber(self, subscription):
        return self._client.get_subscription_receiver(entity(), subscription)


def take(receiver, count=1):
    """So many messages, or what has come when patience ends."""
    taken = []
    while len(taken) < count:
        messages = receiver.receive_messages(count - len(taken), max_wait_time=PATIENCE_SECONDS)
        assert messages, f"waited in vain: {len(taken)} of {count}"
        taken += messages
    return taken


def texts(messages):
    return [str(message) for message in messages]


def becomes(receiver, *states):
    """Waits until the messages there are in these states: this client does not wait for the answer to a settlement."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        # Unless told, the client looks behind the last one that it has received.
        found = [message.state.name for message in receiver.peek_messages(10, sequence_number=1)]
        if found == list(states):
            return
        assert time.monotonic() < deadline, f"{found} instead of {states}"


def case_bus_a_message_is_received_as_it_was_sent_and_completed():
    with Bus() as bus:
        sent = ServiceBusMessage(
            '{"hello": "wörld"}',
            application_properties={"text": "ö", "number": 7, "yes": True},
            content_type="application/json",
            correlation_id="c1",
            message_id="m1",
            reply_to="here",
            subject="greeting",
            to="there",
        )
        bus.send(sent)
        with bus.receiver() as receiver:
            (message,) = take(receiver)
            assert str(message) == '{"hello": "wörld"}'
            assert message.application_properties == {b"text": b"\xc3\xb6", b"number": 7, b"yes": True}
            got = (message.content_type, message.correlation_id, message.message_id, message.reply_to)
            assert got == ("application/json", "c1", "m1", "here"), got
            assert (message.subject, message.to, message.delivery_count) == ("greeting", "there", 0)
            assert message.lock_token and message.sequence_number == 1
            now = datetime.datetime.now(datetime.timezone.utc)
            assert abs((now - message.enqueued_time_utc).total_seconds()) < 60
            assert 30 < (message.locked_until_utc - now).total_seconds() < 61
            receiver.complete_message(message)
            becomes(receiver)


def case_bus_a_batch_comes_in_order():
    with Bus() as bus:
        with bus.sender() as sender:
            batch = sender.create_message_batch()
            assert batch.max_size_in_bytes == 262_144, batch.max_size_in_bytes
            for number in range(20):
                batch.add_message(ServiceBusMessage(str(number)))
            sender.send_messages(batch)
        with bus.receiver(prefetch_count=5) as receiver:
            messages = take(receiver, 20)
            assert texts(messages) == [str(number) for number in range(20)]
            for message in messages:
                receiver.complete_message(message)
            becomes(receiver)


def case_bus_messages_are_iterated_over():
    with Bus() as bus:
        bus.send(*"abc")
        with bus.receiver(max_wait_time=2) as receiver:
            seen = []
            for message in receiver:
                seen.append(str(message))
                receiver.complete_message(message)
            assert seen == ["a", "b", "c"], seen


def case_bus_abandoned_it_comes_again_counted_and_is_a_dead_letter_in_the_end():
    with Bus() as bus:
        bus.send("poison")
        with bus.receiver() as receiver:
            for count in range(3):
                (message,) = take(receiver)
                assert message.delivery_count == count
                receiver.abandon_message(message)
            becomes(receiver)
        with bus.receiver(sub_queue=ServiceBusSubQueue.DEAD_LETTER) as dead:
            (message,) = take(dead)
            assert message.dead_letter_reason == "MaxDeliveryCountExceeded", message.dead_letter_reason
            dead.complete_message(message)


def case_bus_dead_lettered_with_reason_and_description():
    with Bus() as bus:
        bus.send("bad")
        with bus.receiver() as receiver:
            (message,) = take(receiver)
            receiver.dead_letter_message(message, reason="smtp-550", error_description="no such mailbox")
        with bus.receiver(sub_queue="deadletter") as dead:
            (message,) = take(dead)
            told = (message.dead_letter_reason, message.dead_letter_error_description, message.dead_letter_source)
            assert told == ("smtp-550", "no such mailbox", entity()), told
            assert message.application_properties[b"DeadLetterReason"] == b"smtp-550"


def case_bus_deferred_it_is_received_by_its_number():
    with Bus() as bus:
        bus.send("later")
        with bus.receiver() as receiver:
            (message,) = take(receiver)
            receiver.defer_message(message)
            number = message.sequence_number
            becomes(receiver, "DEFERRED")
            (deferred,) = receiver.receive_deferred_messages([number])
            assert str(deferred) == "later"
            receiver.complete_message(deferred)
            becomes(receiver)
            refused(lambda: receiver.receive_deferred_messages([number]), ServiceBusError)


def case_bus_peeked_in_pages_and_from_a_number():
    with Bus() as bus:
        bus.send(*(str(n) for n in range(5)))
        with bus.receiver() as receiver:
            assert texts(receiver.peek_messages(3)) == ["0", "1", "2"]
            assert texts(receiver.peek_messages(3)) == ["3", "4"]
            assert texts(receiver.peek_messages(2, sequence_number=2)) == ["1", "2"]


def case_bus_received_and_deleted():
    with Bus() as bus:
        bus.send("a", "b")
        with bus.receiver(receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as receiver:
            assert texts(take(receiver, 2)) == ["a", "b"]
            becomes(receiver)


def case_bus_a_lock_is_renewed_and_a_lost_one_is_told():
    with Bus() as bus, AutoLockRenewer() as renewer:
        bus.send("kept", "lost")
        with bus.receiver() as receiver:
            kept, lost = take(receiver, 2)
            first = kept.locked_until_utc
            until = receiver.renew_message_lock(kept)
            assert until >= first
            renewer.register(receiver, kept, max_lock_renewal_duration=60)
            with bus.receiver() as other:
                (again,) = take(other)  # as soon as the lock has expired
                assert (str(again), again.delivery_count) == ("lost", 1)
                refused(lambda: receiver.complete_message(lost), MessageLockLostError)
                other.complete_message(again)
            receiver.complete_message(kept)
            becomes(receiver)


def case_bus_scheduled_and_cancelled():
    with Bus() as bus:
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
        with bus.sender() as sender:
            kept, = sender.schedule_messages(ServiceBusMessage("kept"), soon)
            later = soon + datetime.timedelta(hours=1)
            cancelled, = sender.schedule_messages(ServiceBusMessage("cancelled"), later)
        with bus.receiver() as receiver:
            peeked = receiver.peek_messages(5)
            assert [message.sequence_number for message in peeked] == [kept, cancelled]
            assert peeked[1].state.name == "SCHEDULED"
            with bus.sender() as sender:
                sender.cancel_scheduled_messages(cancelled)
                refused(lambda: sender.cancel_scheduled_messages(cancelled), ServiceBusError)
            (message,) = take(receiver)
            assert str(message) == "kept" and datetime.datetime.now(datetime.timezone.utc) >= soon
            receiver.complete_message(message)
            becomes(receiver)


def case_bus_time_to_live_ends_in_the_dead_letters():
    with Bus() as bus:
        bus.send("short", time_to_live=datetime.timedelta(seconds=1))
        with bus.receiver(sub_queue=ServiceBusSubQueue.DEAD_LETTER) as dead:
            (message,) = take(dead)
            assert message.dead_letter_reason == "TTLExpiredException", message.dead_letter_reason


def case_bus_a_message_id_counts_once():
    with Bus() as bus:
        bus.send("first", "again", message_id="m1")
        bus.send("and again", message_id="m1")
        with bus.receiver() as receiver:
            assert texts(receiver.peek_messages(5)) == ["first"]


def case_bus_sessions_have_one_holder_an_order_and_a_state():
    with Bus() as bus:
        bus.send(*(ServiceBusMessage(f"{n}", session_id="s1") for n in range(3)))
        with bus.receiver(session_id="s1") as receiver:
            session = receiver.session
            assert session.session_id == "s1" and session.get_state() is None
            session.set_state("half done")
            assert session.get_state() == b"half done"
            assert session.renew_lock() >= datetime.datetime.now(datetime.timezone.utc)
            with bus.receiver(session_id="s1") as second:
                refused(lambda: second.receive_messages(1, max_wait_time=2), SessionCannotBeLockedError)
            messages = take(receiver, 3)
            assert texts(messages) == ["0", "1", "2"]
            for message in messages:
                assert message.session_id == "s1"
                receiver.complete_message(message)
        with bus.receiver(session_id="s1") as later:
            assert later.session.get_state() == b"half done"


def case_bus_the_next_session_that_has_messages():
    with Bus() as bus:
        with bus.receiver(session_id=NEXT_AVAILABLE_SESSION, max_wait_time=1) as nobody:
            refused(lambda: nobody.receive_messages(1), OperationTimeoutError)
        bus.send(ServiceBusMessage("x", session_id="any"))
        with bus.receiver(session_id=NEXT_AVAILABLE_SESSION, max_wait_time=10) as receiver:
            (message,) = take(receiver)
            assert receiver.session.session_id == "any"
            receiver.complete_message(message)


def case_bus_a_session_whose_lock_has_expired_settles_nothing():
    with Bus() as bus:
        bus.send(ServiceBusMessage("x", session_id="s1"))
        with bus.receiver(session_id="s1") as receiver:
            (message,) = take(receiver)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while True:  # somebody else can have it once it is free
                with bus.receiver(session_id="s1") as other:
                    try:
                        (again,) = take(other)
                        break
                    except SessionCannotBeLockedError:
                        assert time.monotonic() < deadline
            assert again.delivery_count == 1
            refused(lambda: receiver.complete_message(message), SessionLockLostError)


def case_bus_topics_give_each_subscription_what_its_rules_let_through():
    with Bus() as bus:
        with bus.publisher() as publisher:
            publisher.send_messages([
                ServiceBusMessage(kind, application_properties={"kind": kind, "score": score, "live": True})
                for kind, score in (("sport", 5), ("sport", 1), ("weather", 9))
            ])
        expected = {"everything": ["sport", "sport", "weather"], "sport": ["sport"]}
        for name, bodies in expected.items():
            with bus.subscriber(name) as receiver:
                messages = take(receiver, len(bodies))
                assert texts(messages) == bodies
                for message in messages:
                    receiver.complete_message(message)
                becomes(receiver)


def case_bus_what_is_not_there_and_who_is_not_allowed():
    with Bus() as bus:
        # A sender sends before it has read why its link was closed, and says that the connection broke.
        refused(lambda: bus.send("x", queue="nowhere"), MessagingEntityNotFoundError, ServiceBusConnectionError)
        with bus.receiver("nowhere") as receiver:
            refused(lambda: receiver.receive_messages(1, max_wait_time=2), MessagingEntityNotFoundError)
    with Bus(CONNECTION_STRING.replace("SAS_KEY_VALUE", "guess")) as stranger:
        refused(lambda: stranger.send("x"), ServiceBusAuthenticationError, ServiceBusAuthorizationError)


def case_bus_a_message_that_is_too_large():
    with Bus() as bus:
        refused(lambda: bus.send("x" * 300_000), MessageSizeExceededError)
        bus.send("small")
