"""The official Python client, unmodified, against the engine: one case a function, one JSON line a case."""

import concurrent.futures
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback

from azure.eventhub import EventData
from azure.eventhub.amqp import AmqpAnnotatedMessage
from azure.eventhub.exceptions import AuthenticationError, ConnectError, EventDataSendError, EventHubError

import service_bus_cases
from engine import (
    CONNECTION_STRING,
    PATIENCE_SECONDS,
    Reading,
    begin,
    entity,
    last_of,
    lasts,
    producer,
    read,
    refused,
    send,
)

AT_ONCE = 12
HERE = os.path.dirname(os.path.abspath(__file__))


def case_hub_properties():
    with producer() as client:
        hub = client.get_eventhub_properties()
        assert hub["eventhub_name"] == entity()
        assert hub["partition_ids"] == ["0", "1", "2", "3"]
        age = datetime.datetime.now(datetime.timezone.utc) - hub["created_at"]
        assert abs(age.total_seconds()) < 120, age


def case_properties_of_a_partition_that_is_empty():
    properties = last_of("0")
    assert properties["is_empty"] is True
    assert properties["beginning_sequence_number"] == -1
    assert properties["last_enqueued_sequence_number"] == -1
    assert properties["last_enqueued_offset"] == "-1"


def case_a_batch_to_a_partition_is_read_back_in_order():
    first = last_of("1")["last_enqueued_sequence_number"] + 1
    event = EventData('{"hello": "wörld"}')
    event.properties = {"text": "ö", "number": 7, "yes": True}
    event.content_type, event.message_id, event.correlation_id = "application/json", "m1", "c1"
    send([event, b"\xff\x00", "last"], partition_id="1")
    events = read("1", 3, first - 1)
    assert events[0].body_as_json() == {"hello": "wörld"}
    assert events[0].properties == {b"text": b"\xc3\xb6", b"number": 7, b"yes": True}, events[0].properties
    assert (events[0].content_type, events[0].message_id, events[0].correlation_id) == (
        "application/json",
        "m1",
        "c1",
    )
    assert b"".join(events[1].body) == b"\xff\x00"
    assert [event.sequence_number for event in events] == [first, first + 1, first + 2]
    offsets = [int(event.offset) for event in events]
    assert offsets == sorted(set(offsets))
    assert abs(time.time() - events[0].enqueued_time.timestamp()) < 60


def case_a_full_batch_is_as_large_as_the_engine_says():
    first = last_of("1")["last_enqueued_sequence_number"] + 1
    with producer() as client:
        batch = client.create_batch(partition_id="1")
        assert batch.max_size_in_bytes == 1_048_576
        count = 0
        try:
            while True:
                batch.add(EventData(f"{count}{'x' * 10_000}"))
                count += 1
        except ValueError:
            assert count > 100
        client.send_batch(batch)
    numbers = [int(event.body_as_str().rstrip("x")) for event in read("1", count, first - 1)]
    assert numbers == list(range(count))


def case_single_events():
    first = last_of("1")["last_enqueued_sequence_number"] + 1
    with producer() as client:
        for body in ("one", "two"):
            client.send_event(EventData(body), partition_id="1")
    assert [event.body_as_str() for event in read("1", 2, first - 1)] == ["one", "two"]


def case_messages_with_value_and_sequence_bodies():
    first = last_of("1")["last_enqueued_sequence_number"] + 1
    with producer() as client:
        client.send_event(AmqpAnnotatedMessage(value_body="value"), partition_id="1")
        client.send_event(AmqpAnnotatedMessage(sequence_body=[[1, 2], [3]]), partition_id="1")
    value, sequence = read("1", 2, first - 1)
    assert value.raw_amqp_message.body in ("value", b"value"), value.raw_amqp_message.body
    assert [list(part) for part in sequence.raw_amqp_message.body] == [[1, 2], [3]]


def case_a_key_goes_to_azures_partition_for_it():
    before = lasts()
    for _ in range(3):
        send(["keyed"], partition_key="alphabet")
    after = lasts()
    assert [b - a for a, b in zip(before, after)] == [0, 0, 3, 0]
    assert read("2", 3, before[2])[0].partition_key == b"alphabet"


def case_without_a_key_to_every_partition_in_turn():
    before = lasts()
    with producer() as client:
        for number in range(4):
            client.send_event(EventData(str(number)))
    after = lasts()
    assert [b - a for a, b in zip(before, after)] == [1, 1, 1, 1]


def case_buffered_mode():
    before = lasts()
    sent, failed = [], []
    client = producer(
        buffered_mode=True,
        max_wait_time=1,
        on_success=lambda events, partition: sent.extend(events),
        on_error=lambda events, partition, error: failed.append(error),
    )
    with client:
        for number in range(200):
            client.send_event(EventData(f"buffered {number}"))
        client.send_event(EventData("keyed"), partition_key="alphabet")
        client.flush()
    after = lasts()
    assert not failed, failed
    assert len(sent) == 201, len(sent)
    assert sum(after) - sum(before) == 201
    keyed = [event.body_as_str() for event in read("2", after[2] - before[2], before[2])]
    assert "keyed" in keyed, "the client's own hash agrees with the engine's"


def positions():
    """Six events of a partition, each at a time of its own, and the fourth of them."""
    first = last_of("0")["last_enqueued_sequence_number"] + 1
    with producer() as client:
        for number in range(6):
            client.send_event(EventData(f"event {number}"), partition_id="0")
            sent = time.time()
            while time.time() < sent + 0.003:
                pass  # the engine stamps milliseconds
    events = read("0", 6, first, True)
    return events[3]


def starts_at(position, inclusive, number):
    expected = [f"event {n}" for n in range(number, 6)]
    assert [event.body_as_str() for event in read("0", len(expected), position, inclusive)] == expected


def case_from_an_offset():
    starts_at(positions().offset, False, 4)


def case_from_an_offset_inclusive():
    starts_at(positions().offset, True, 3)


def case_from_a_sequence_number():
    starts_at(positions().sequence_number, False, 4)


def case_from_a_sequence_number_inclusive():
    starts_at(positions().sequence_number, True, 3)


def case_from_a_time():
    middle = positions()
    starts_at(middle.enqueued_time, False, 4)
    starts_at(middle.enqueued_time - datetime.timedelta(milliseconds=1), False, 3)


def case_from_the_start():
    total = last_of("0")["last_enqueued_sequence_number"] + 1
    if total == 0:
        send(["first"], partition_id="0")
        total = 1
    assert [event.sequence_number for event in read("0", total, "-1")] == list(range(total))


def case_from_the_end_only_what_comes_later():
    send(["before"], partition_id="3")
    with Reading("3", "@latest") as reading:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not reading.events and time.monotonic() < deadline:
            send(["after"], partition_id="3")
        assert reading.bodies(1)[0] == "after"


def case_the_end_of_the_partition_is_told_beside_each_event():
    send(["told"], partition_id="3")
    properties = last_of("3")
    with Reading("3", "-1", track_last_enqueued_event_properties=True) as reading:
        reading.bodies(1)
        told = reading.context.last_enqueued_event_properties
        assert told["sequence_number"] == properties["last_enqueued_sequence_number"], told
        assert str(told["offset"]) == properties["last_enqueued_offset"], told


def case_consumer_groups_each_on_its_own():
    send(["for all"], partition_id="3")
    position = last_of("3")["last_enqueued_sequence_number"]
    for group in ("$default", "billing", "shipping"):
        assert [event.body_as_str() for event in read("3", 1, position, True, group=group)] == ["for all"]


def case_a_higher_or_equal_owner_level_takes_the_partition():
    send(["owned"], partition_id="3")
    with Reading("3", group="billing", owner_level=1) as owner:
        owner.bodies(1)
        with Reading("3", group="billing", owner_level=0) as lower:
            lower.wait(lambda reading: reading.error)
            assert "link:stolen" in str(lower.error) and not lower.events, lower.error
        with Reading("3", group="billing") as plain:
            plain.wait(lambda reading: reading.error)
            assert "link:stolen" in str(plain.error), plain.error
        with Reading("3", group="billing", owner_level=1) as equal:
            equal.bodies(1)
            owner.wait(lambda reading: reading.error)
            assert "link:stolen" in str(owner.error), owner.error


def case_the_sixth_reader_is_refused():
    send(["shared"], partition_id="3")
    readings = [Reading("3", group="billing") for _ in range(5)]
    try:
        for reading in readings:
            reading.bodies(1)
        with Reading("3", group="billing") as sixth:
            sixth.wait(lambda reading: reading.error)
            assert "resource-limit-exceeded" in str(sixth.error), sixth.error
    finally:
        for reading in readings:
            reading.__exit__()


def case_an_unknown_hub_is_not_found():
    message = refused(lambda: send(["x"], hub="nowhere"), ConnectError)
    assert "could not be found" in message, message
    with producer("nowhere") as client:
        message = refused(client.get_eventhub_properties, ConnectError, EventHubError)
        assert "could not be found" in message, message


def case_an_unknown_partition_is_out_of_range():
    with producer() as client:
        refused(lambda: client.send_event(EventData("x"), partition_id="4"), ConnectError)
        message = refused(lambda: client.get_partition_properties("9"), ConnectError, EventHubError)
        assert "The specified partition is invalid" in message, message


def case_an_unknown_group_is_not_found():
    with Reading("0", group="nobody") as reading:
        reading.wait(lambda r: r.error)
        assert "could not be found" in str(reading.error), reading.error


def case_a_wrong_key_is_refused():
    wrong = CONNECTION_STRING.replace("SAS_KEY_VALUE", "guess")
    with producer(connection_string=wrong) as client:
        refused(client.get_eventhub_properties, AuthenticationError)
        refused(lambda: client.send_event(EventData("x")), AuthenticationError)


def case_an_event_that_is_too_large():
    with producer() as client:
        refused(lambda: client.send_event(EventData("x" * 1_100_000), partition_id="1"), EventDataSendError)
        client.send_event(EventData("small"), partition_id="1")


def case_an_offset_behind_the_end_is_refused():
    with Reading("0", "999999999999") as reading:
        reading.wait(lambda r: r.error)
        assert "argument-error" in str(reading.error) or "invalid" in str(reading.error), reading.error


def case_two_processes_share_the_partitions_and_one_takes_over():
    before = dict(zip("0123", lasts()))
    with tempfile.TemporaryDirectory() as folder:
        processes = []
        outputs = []

        def start():
            output = open(os.path.join(folder, f"{len(processes)}.log"), "w+", encoding="utf-8")
            outputs.append(output)
            command = [sys.executable, os.path.join(HERE, "balanced_consumer.py"), os.path.join(folder, "store")]
            processes.append(subprocess.Popen(command, stdout=output, env={**os.environ, "ENGINE_ENTITY": entity()}))

        def lines(index):
            with open(outputs[index].name, encoding="utf-8") as file:
                return [json.loads(line) for line in file if line.endswith("\n")]

        def owned(index):
            there = set()
            for line in lines(index):
                there |= {line["claimed"]} if "claimed" in line else set()
                there -= {line["left"]} if "left" in line else set()
            return there

        def until(condition, what):
            deadline = time.monotonic() + 40
            while not condition():
                assert time.monotonic() < deadline, (what, [lines(i)[-10:] for i in range(len(outputs))])
                time.sleep(0.05)

        try:
            start()
            until(lambda: owned(0) == set("0123"), "one process owns all")
            start()
            until(lambda: len(owned(0)) == 2 and len(owned(1)) == 2, "two own two each, two of them stolen")
            assert not owned(0) & owned(1)
            for partition in "0123":
                send([f"shared {partition}"], partition_id=partition)

            def got(partition):
                number = before[partition] + 1
                return [i for i in (0, 1) if any(
                    line.get("partition") == partition and line["sequence"] == number for line in lines(i)
                )]

            until(lambda: all(got(partition) for partition in "0123"), "each event reaches one of them")
            processes[0].kill()
            until(lambda: owned(1) == set("0123"), "the other takes over from a killed process")
            send(["after the kill"], partition_id="0")
            until(lambda: any(line.get("body") == "after the kill" for line in lines(1)), "and goes on")
        finally:
            for process in processes:
                process.kill()
                process.wait()
            for output in outputs:
                output.close()


def run(name, case):
    begin(name)
    error = None
    started = time.monotonic()
    try:
        case()
    except Exception:  # the report is the point
        error = traceback.format_exc()
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"case": name, "seconds": seconds, "error": error}) + "\n", end="", flush=True)


def main():
    every = {**globals(), **vars(service_bus_cases)}
    cases = {name: case for name, case in every.items() if name.startswith("case_")}
    # They wait more than they work. The longest is first: two processes that share partitions.
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        longest_first = sorted(cases, key=lambda name: "two_processes" not in name)
        list(pool.map(lambda name: run(name, cases[name]), longest_first))


if __name__ == "__main__":
    main()
