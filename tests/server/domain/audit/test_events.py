"""An event has one form and one spelling, and bears the hash of the event before it."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.digest import canonical_json
from server.domain.audit.chain import BEFORE_THE_FIRST, hash_of
from server.domain.audit.errors import UnfitEvent
from server.domain.audit.events import (
    LARGEST_INTEGER,
    LINE_BYTES,
    Subject,
    event_from,
    is_moment,
    moment_of,
    parse_event,
)
from tests.server.domain.audit.logs import SENTINEL, event_after, example_events, moment

words = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
integers = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


def test_the_first_event_has_number_one_and_zeros_before_it():
    event = event_after(None)
    assert (event.seq, event.previous) == (1, BEFORE_THE_FIRST)


def test_each_event_bears_the_hash_of_the_one_before():
    events = example_events(5)
    assert [event.previous for event in events[1:]] == [event.hash for event in events[:-1]]
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]


def test_the_hash_is_what_the_description_says_it_is():
    event = event_after(None)
    fields = json.loads(event.line())
    claimed = fields.pop("hash")
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(b"waylink audit event 1\0" + text.encode()).hexdigest() == claimed


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 2},
        {"at": moment(7)},
        {"actor": "server"},
        {"role": "operator"},
        {"seat": "pantry"},
        {"action": "run.cancelled"},
        {"subject": Subject("upload", "run-1")},
        {"subject": Subject("run", "run-2")},
        {"facts": {}},
        {"previous": "1" * 64},
    ],
)
def test_every_field_is_under_the_hash(changes):
    event = event_after(None)
    assert hash_of(replace(event, **changes)) != event.hash


def test_true_is_not_one_under_the_hash():
    assert event_after(None, facts={"it": True}).hash != event_after(None, facts={"it": 1}).hash


@given(words, names, st.dictionaries(words, st.one_of(st.booleans(), integers, texts), max_size=8))
def test_an_event_is_read_back_from_its_line_as_it_was(kind, name, facts):
    event = event_after(event_after(None), actor=name, subject=Subject(kind, name), facts=facts)
    assert parse_event(event.line()) == event
    assert event_from(event.as_fields()) == event
    assert b"\n" not in event.line()


def test_a_clock_that_went_back_does_not_bring_the_log_out_of_order():
    first = event_after(None, at=moment(100))
    assert event_after(first, at=moment(40)).at == first.at
    with pytest.raises(UnfitEvent):
        event_after(first, at="")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seq", 0),
        ("seq", True),
        ("seq", 1.0),
        ("seq", LARGEST_INTEGER + 1),
        ("at", "2026-11-23 17:30:00Z"),
        ("at", "2026-11-23T17:30:00+00:00"),
        ("at", "2026-11-23T17:30:00.5Z"),
        ("at", "2026-02-29T17:30:00Z"),
        ("at", "2026-11-23T24:00:00Z"),
        ("at", "\uff12\uff10\uff12\uff16-11-23T17:30:00Z"),
        ("at", 5),
        ("actor", ""),
        ("actor", "a" * 201),
        ("actor", "line\nline"),
        ("actor", None),
        ("role", "Steward"),
        ("seat", "\ud800"),
        ("action", "approved"),
        ("action", "project.approved\n"),
        ("subject", "run"),
        ("subject", {"kind": "run"}),
        ("subject", {"kind": "run", "id": "1", "more": 1}),
        ("subject", {"kind": "run", "id": ""}),
        ("facts", []),
        ("facts", {"share": 0.5}),
        ("facts", {"none": None}),
        ("facts", {"list": [1]}),
        ("facts", {"Name": 1}),
        ("facts", {"large": LARGEST_INTEGER + 1}),
        ("facts", {"half": "\udc00"}),
        ("facts", {"nul": "\0"}),
        ("facts", {"long": "x" * 2001}),
        ("facts", {f"fact_{n}": n for n in range(65)}),
        ("previous", "0" * 63),
        ("hash", "A" * 64),
    ],
)
def test_a_field_without_its_form_is_refused_by_name(field, value):
    fields = event_after(None).as_fields() | {field: value}
    with pytest.raises(UnfitEvent) as caught:
        event_from(fields)
    assert caught.value.where == field


def test_a_missing_or_unknown_field_is_refused():
    fields = event_after(None).as_fields()
    for wrong in (fields | {"more": 1}, {name: fields[name] for name in fields if name != "seat"}):
        with pytest.raises(UnfitEvent, match="fields"):
            event_from(wrong)


@pytest.mark.parametrize(
    "respell",
    [
        lambda line: line.replace(b",", b", ", 1),
        lambda line: line + b" ",
        lambda line: b"\xef\xbb\xbf" + line,
        lambda line: line.replace("ë".encode(), b"\\u00eb"),
        lambda line: line.replace(b'"seq":1', b'"seq":1e0'),
        lambda line: line.replace(b'"seq":1', b'"seq":2,"seq":1'),
        lambda line: json.dumps(dict(reversed(json.loads(line).items())), separators=(",", ":")).encode(),
        lambda line: line.decode().encode("utf-16"),
        lambda line: b"[" + line + b"]",
    ],
)
def test_another_spelling_is_no_event(respell):
    line = event_after(None).line()
    assert respell(line) != line
    with pytest.raises(UnfitEvent):
        parse_event(respell(line))


@pytest.mark.parametrize(
    "line",
    [b"", b"\xff", b"[" * 60_000, b'{"seq":NaN}', b'{"seq":"\\ud800"}', b'{"seq":' + b"9" * 10_000 + b"}"],
)
def test_what_no_json_reader_can_hold_is_no_event(line):
    with pytest.raises(UnfitEvent, match="is not JSON"):
        parse_event(line)


def test_an_event_longer_than_a_line_may_be_is_neither_made_nor_read():
    facts = {f"fact_{n}": "x" * 1999 for n in range(40)}
    with pytest.raises(UnfitEvent, match="longer"):
        event_after(None, facts=facts)
    line = canonical_json(event_after(None).as_fields() | {"facts": facts})
    assert len(line) > LINE_BYTES
    with pytest.raises(UnfitEvent, match="longer"):
        parse_event(line)


def test_no_error_repeats_what_stands_in_the_event():
    fields = event_after(None).as_fields()
    for name in fields:
        with pytest.raises(UnfitEvent) as caught:
            event_from(fields | {name: {"x": [SENTINEL]}})
        assert SENTINEL not in str(caught.value)


def test_a_time_is_written_in_utc_and_whole_seconds():
    time = datetime(2026, 11, 23, 18, 30, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert moment_of(time) == "2026-11-23T17:30:00Z"
    with pytest.raises(UnfitEvent):
        moment_of(time.replace(tzinfo=None))


@given(st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.just(UTC)))
def test_times_as_text_keep_their_order(time):
    later = time + timedelta(seconds=1)
    assert is_moment(moment_of(time))
    assert moment_of(time) < moment_of(later)
