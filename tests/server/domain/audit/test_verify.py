"""The verifier's proof: each check on its own, the heads' proofs, and its memory."""

import tracemalloc
from dataclasses import replace

import pytest

from schemas.digest import canonical_json
from schemas.errors import DataFault, FileMissing
from server.domain.audit.chain import hash_of
from server.domain.audit.errors import LogAltered
from server.domain.audit.events import LINE_BYTES, event_from
from server.domain.audit.export import open_export, read_export
from server.domain.audit.heads import sign_head
from server.domain.audit.merkle import Frontier
from server.domain.audit.proofs import consistency_proof, inclusion_proof
from server.domain.audit.verify import verify_consistency, verify_export, verify_inclusion
from tests.server.domain.audit.logs import (
    KEY,
    OTHER_KEY,
    event_after,
    example_events,
    head_of,
    leaves_of,
    lines_of,
    moment,
)

EVENTS = example_events(20)
LINES = lines_of(EVENTS)
KEPT = head_of(EVENTS[:12])


def failed(lines, kept=KEPT, pinned=None):
    """The check that failed, and the line."""
    with pytest.raises(LogAltered) as caught:
        verify_export(lines, kept, pinned)
    return caught.value.check, caught.value.line


def proof(nodes):
    return [node.hex() for node in nodes]


def header(**changes):
    fields = {"format": "waylink-audit-log", "version": 1, "public_key": KEY.public.hex()}
    return canonical_json(fields | changes) + b"\n"


def test_an_export_is_read_from_a_file(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(LINES))
    assert verify_export(path, KEPT, KEY.public).head == head_of(EVENTS)
    with open_export(path) as lines:
        export = read_export(lines)
        assert [line.event for line in export.events()] == EVENTS
        assert export.head == head_of(EVENTS)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(FileMissing):
        verify_export(tmp_path / "log.jsonl")


def test_the_head_is_asked_for_after_the_events():
    with pytest.raises(ValueError, match="before the head"):
        read_export(LINES).head  # noqa: B018  # reading it is the test


def test_a_log_without_events_verifies():
    verified = verify_export(lines_of([]), kept=head_of([]))
    assert (verified.size, verified.last_at, verified.kept_size) == (0, None, 0)


def test_an_export_verified_against_nothing_says_that_its_key_was_not_known():
    assert not verify_export(LINES).key_was_known
    assert verify_export(LINES, pinned=KEY.public).key_was_known
    assert verify_export(LINES, kept=KEPT).key_was_known


@pytest.mark.parametrize("size", [0, 1, 12, 20])
def test_every_older_head_is_one_that_the_log_goes_on_from(size):
    assert verify_export(LINES, kept=head_of(EVENTS[:size])).kept_size == size


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"\n",
        b"{}\n",
        LINES[1],
        header(format="another"),
        header(version=2),
        header(version=True),
        header(version=1.0),
        header(public_key=5),
        header(public_key="00"),
        header(more=1),
        header()[:-1],
        b"[" * 60_000 + b"\n",
    ],
)
def test_check_1_the_header(first):
    assert failed([first, *LINES[1:]]) == (1, 1)


def test_check_1_an_empty_export():
    assert failed([]) == (1, 1)


def test_check_2_the_key():
    own = lines_of(EVENTS, OTHER_KEY)
    assert failed(own) == (2, 1)
    assert failed(own, kept=None, pinned=KEY.public) == (2, 1)
    assert failed(LINES, kept=KEPT, pinned=OTHER_KEY.public) == (2, 1)
    assert not verify_export(own).key_was_known


@pytest.mark.parametrize(
    "changes",
    [{"seq": 7}, {"seq": 5}, {"previous": "0" * 64}, {"hash": "0" * 64}, {"actor": "server"}, {"at": moment(0)}],
)
def test_check_3_each_event_follows_the_one_before(changes):
    events = [*EVENTS[:5], replace(EVENTS[5], **changes), *EVENTS[6:]]
    assert failed(lines_of(events)) == (3, 7)


@pytest.mark.parametrize("changes", [{"seq": 7}, {"seq": 5}, {"previous": "0" * 64}, {"previous": EVENTS[3].hash}])
def test_check_3_links_are_proved_even_where_every_hash_is_that_of_its_fields(changes):
    odd = replace(EVENTS[5], **changes)
    assert failed(lines_of([*EVENTS[:5], replace(odd, hash=hash_of(odd))]), kept=None) == (3, 7)


def test_check_3_times_do_not_go_back_even_where_all_hashes_are_right():
    back = replace(EVENTS[6], at=moment(60))
    assert back.at < EVENTS[5].at
    back = replace(back, hash=hash_of(back))
    assert failed(lines_of([*EVENTS[:6], back]), kept=None) == (3, 8)


@pytest.mark.parametrize(
    "line",
    [b"\n", b"{}\n", b"null\n", LINES[3][:-1], LINES[3][:-1] + b"\r\n", LINES[3][:-1] + b" ", b'{"a":1}\n'],
)
def test_check_3_a_line_that_is_no_event(line):
    assert failed([*LINES[:3], line, *LINES[4:]]) == (3, 4)


def test_check_3_an_event_that_is_longer_than_a_line_may_be():
    fields = event_after(EVENTS[2]).as_fields() | {"facts": {f"fact_{n}": "x" * 1999 for n in range(40)}}
    long = event_from(fields)
    long = replace(long, hash=hash_of(long))
    assert len(long.line()) > LINE_BYTES
    assert failed(lines_of([*EVENTS[:3], long]), kept=None) == (3, 5)


def test_check_3_a_line_that_is_too_long_is_never_held_whole(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(LINES[:3]) + b"x" * (64 * LINE_BYTES))
    with open_export(path) as lines:
        assert max(map(len, lines)) == LINE_BYTES + 1
    assert failed(path) == (3, 4)


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (LINES[:-1], 22),
        (LINES[:1], 2),
        ([*LINES, LINES[-1]], 23),
        ([*LINES, b"\n"], 23),
        ([*LINES[:-1], head_of(EVENTS[:15]).line() + b"\n"], 22),
        ([*LINES[:-2], LINES[-1]], 21),
        ([*LINES[:-1], head_of(example_events(20, about="other")).line() + b"\n"], 22),
        ([*LINES[:-1], replace(head_of(EVENTS), at=moment(0)).line() + b"\n"], 22),
        ([*LINES[:-1], b'{"signature":"00"}\n'], 22),
    ],
)
def test_check_4_the_head_is_the_last_line_and_that_of_these_events(lines, line):
    assert failed(lines) == (4, line)


class Told(Frontier):
    """A tree that says of itself what it is told to."""

    def __init__(self, size, root):
        self._said = (size, root)

    size = property(lambda self: self._said[0])

    def root(self):
        return self._said[1]


def test_check_4_a_head_signed_with_the_right_root_and_a_wrong_count():
    said = sign_head(KEY, Told(21, head_of(EVENTS).tree_root), at=moment(10**6), last_at=None)
    assert failed(lines_of(EVENTS, head=said)) == (4, 22)


def test_check_6_a_kept_head_of_no_events_with_a_root_of_some():
    said = sign_head(KEY, Told(0, KEPT.tree_root), at=moment(0), last_at=None)
    assert failed(LINES, kept=said) == (6, 1)


def test_check_5_the_signature():
    unsigned = replace(head_of(EVENTS), at=moment(10**6))
    assert failed(lines_of(EVENTS, head=unsigned)) == (5, 22)


def test_check_6_a_kept_head_that_was_not_signed_with_the_key():
    assert failed(LINES, kept=replace(KEPT, size=11)) == (6, None)


def test_check_6_a_log_that_does_not_go_on_from_the_kept_head():
    forked = example_events(25, EVENTS[:11], about="forked")
    assert failed(lines_of(forked)) == (6, 13)
    assert failed(lines_of(EVENTS[:11])) == (6, 13)
    assert failed(lines_of([]), kept=KEPT) == (6, 2)


def test_an_error_names_line_and_check_and_is_a_data_fault():
    with pytest.raises(DataFault) as caught:
        verify_export(LINES[:-1], KEPT)
    assert caught.value.where == "line 22"
    assert caught.value.as_dict() | {"check": 4, "line": 22} == caught.value.as_dict()
    assert "check 4" in str(caught.value)


@pytest.mark.parametrize("older", range(0, 21, 4))
def test_a_newer_head_is_proved_to_go_on_from_a_kept_one(older):
    nodes = proof(consistency_proof(leaves_of(EVENTS), older))
    verify_consistency(KEY.public, head_of(EVENTS[:older]), head_of(EVENTS), nodes)


@pytest.mark.parametrize(
    ("kept", "newer", "nodes", "check"),
    [
        (KEPT, head_of(example_events(20, about="other")), None, 6),
        (head_of(EVENTS), KEPT, [], 6),
        (KEPT, head_of(EVENTS), [], 6),
        (KEPT, head_of(EVENTS), ["00"], 6),
        (KEPT, head_of(EVENTS), ["0" * 64], 6),
        (replace(KEPT, size=11), head_of(EVENTS), None, 6),
        (KEPT, replace(head_of(EVENTS), size=21), None, 5),
        (KEPT, head_of(EVENTS, OTHER_KEY), None, 5),
    ],
)
def test_a_head_that_does_not_go_on_from_the_kept_one_is_refused(kept, newer, nodes, check):
    nodes = proof(consistency_proof(leaves_of(EVENTS), 12)) if nodes is None else nodes
    with pytest.raises(LogAltered) as caught:
        verify_consistency(KEY.public, kept, newer, nodes)
    assert caught.value.check == check


def test_a_newer_head_with_fewer_events_is_said_to_be_that():
    with pytest.raises(LogAltered, match="fewer events"):
        verify_consistency(KEY.public, head_of(EVENTS), KEPT, [])


@pytest.mark.parametrize("index", [0, 7, 19])
def test_an_event_is_proved_to_be_in_the_log(index):
    nodes = proof(inclusion_proof(leaves_of(EVENTS), index))
    verify_inclusion(KEY.public, head_of(EVENTS), EVENTS[index], nodes)


@pytest.mark.parametrize(
    ("head", "event", "check"),
    [
        (head_of(EVENTS), EVENTS[8], 4),
        (KEPT, EVENTS[7], 4),
        (head_of(EVENTS), example_events(8, about="other")[7], 4),
        (head_of(EVENTS), replace(EVENTS[7], actor="server"), 3),
        (head_of(EVENTS, OTHER_KEY), EVENTS[7], 5),
    ],
)
def test_an_event_that_is_not_in_the_log_is_refused(head, event, check):
    nodes = proof(inclusion_proof(leaves_of(EVENTS), 7))
    with pytest.raises(LogAltered) as caught:
        verify_inclusion(KEY.public, head, event, nodes)
    assert caught.value.check == check


def test_the_verifier_holds_one_line_at_a_time():
    events = example_events(1500)
    lines = lines_of(events)
    size = sum(map(len, lines))
    tracemalloc.start()
    try:
        verify_export(iter(lines), kept=head_of(events[:900]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 500_000
    assert peak < 100_000
