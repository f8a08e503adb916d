"""An export that was altered in any way is found out by a member that kept an older head."""

import random
from collections import Counter
from dataclasses import replace
from io import BytesIO

import pytest

from server.domain.audit.errors import LogAltered
from server.domain.audit.verify import verify_export
from tests.server.domain.audit.logs import KEY, SENTINEL, example_events, head_of, lines_of, relinked
from tests.server.domain.audit.mutations import KINDS, Target, draw_mutation

MUTATIONS = 10_000
SIZES = (5, 32, 100, 200)  # events: a new log, one that is a complete tree, and two that are not


def found(altered: bytes, target: Target) -> LogAltered | None:
    """What the verifier says; anything else it may raise is a fault of its own."""
    try:
        verify_export(BytesIO(altered), kept=target.kept)
    except LogAltered as error:
        return error
    return None


@pytest.mark.parametrize("size", SIZES)
def test_ten_thousand_mutations_of_exports_are_all_detected(size):
    target = Target.of(size, kept_size=size * 3 // 5)
    draw = random.Random(f"mutations of {size}")  # noqa: S311  # drawn again at every run alike
    drawn, found_by = Counter(), Counter()
    for _ in range(MUTATIONS // len(SIZES)):
        kind, altered = draw_mutation(draw, target)
        fault = found(altered, target)
        assert fault is not None, f"{kind} was not detected"
        assert SENTINEL not in str(fault)
        drawn[kind] += 1
        found_by[fault.check] += 1
    assert drawn.total() == MUTATIONS // len(SIZES)
    assert {kind.__name__: drawn[kind.__name__] > 0 for kind in KINDS} == {kind.__name__: True for kind in KINDS}
    assert set(found_by) == {1, 2, 3, 4, 5, 6}, "each check finds something that those before it let pass"


@pytest.mark.parametrize("size", SIZES)
def test_the_export_that_was_not_altered_verifies(size):
    target = Target.of(size, kept_size=size * 3 // 5)
    verified = verify_export(BytesIO(b"".join(target.lines)), kept=target.kept)
    assert (verified.size, verified.kept_size, verified.key_was_known) == (size, target.kept_size, True)
    assert verified.head == target.heads[-1]
    assert verified.last_at == target.events[-1].at


def test_only_the_kept_head_tells_of_a_history_that_the_key_holder_rewrote():
    events = example_events(30)
    forged = relinked([*events[:9], replace(events[9], actor="somebody-else"), *events[10:]], 9)
    assert verify_export(lines_of(forged), pinned=KEY.public).size == 30
    with pytest.raises(LogAltered) as caught:
        verify_export(lines_of(forged), kept=head_of(events[:10]))
    assert (caught.value.check, caught.value.line) == (6, 11)


def test_what_the_key_holder_rewrites_after_the_kept_head_is_not_detected():
    events = example_events(30)
    forked = example_events(40, events[:20], about="forked")
    assert verify_export(lines_of(forked), kept=head_of(events[:20])).size == 40


def test_two_members_who_compare_heads_find_that_fork():
    events = example_events(30)
    forked = example_events(40, events[:20], about="forked")
    with pytest.raises(LogAltered):
        verify_export(lines_of(forked), kept=head_of(events))


def test_an_old_export_that_is_newer_than_the_kept_head_is_not_detected():
    events = example_events(30)
    assert verify_export(lines_of(events[:25]), kept=head_of(events[:20])).size == 25
