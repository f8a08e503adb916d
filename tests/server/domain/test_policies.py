"""Every rule of governance: what it allows, and what it refuses by its name."""

import inspect

import pytest

from schemas.agreement import parse_agreement
from server.domain import policies
from server.domain.accounts import SeatKind
from server.domain.errors import Refused
from server.domain.policies import Rule
from server.domain.projects import ProjectState
from server.domain.releases import ReleaseState
from server.domain.runs import RunKind, RunState

AGREEMENT = parse_agreement(
    'project = "p"\npurpose = "q"\nmembers = ["clinic", "school"]\ncommunity = ["clients"]\nopt_out = "Tell us."\n'
    'data_level = "membership"\ntables = ["set_pathway"]'
)
SEATS = {"clinic": SeatKind.MEMBER, "school": SeatKind.MEMBER, "clients": SeatKind.COMMUNITY}

COVERAGE = ("overlap_pairs", "coverage_estimate")

# policy, arguments that it allows, arguments that it refuses, the rule that says no
CASES = [
    ("require_known_seats", (AGREEMENT, SEATS), (AGREEMENT, {"clinic": SeatKind.MEMBER}), Rule.KNOWN_SEATS),
    (
        "require_known_seats",
        (AGREEMENT, SEATS | {"pantry": SeatKind.MEMBER}),
        (AGREEMENT, dict.fromkeys(SEATS, SeatKind.MEMBER)),
        Rule.KNOWN_SEATS,
    ),
    ("require_own_agreement", (AGREEMENT, "clinic"), (AGREEMENT, "pantry"), Rule.OWN_AGREEMENT),
    ("require_own_agreement", (AGREEMENT, "school"), (AGREEMENT, "clients"), Rule.OWN_AGREEMENT),
    ("require_of_one_project", (False,), (True,), Rule.ONE_PROJECT),
    ("require_current", ("a" * 64, "a" * 64), ("a" * 64, "b" * 64), Rule.CURRENT_AGREEMENT),
    ("require_first_vote", (False,), (True,), Rule.ONE_VOTE),
    ("require_still_in", (False,), (True,), Rule.STILL_A_MEMBER),
    *(
        ("require_approved", (ProjectState.APPROVED,), (state,), Rule.APPROVED_AGREEMENT)
        for state in ProjectState
        if state is not ProjectState.APPROVED
    ),
    ("require_deliveries", (["a", "b"], ["a", "b"], []), (["a", "b", "c"], ["a", "b"], []), Rule.EVERYONE_DELIVERED),
    ("require_deliveries", (["a", "b", "c"], ["a", "b"], ["c"]), (["a", "b"], ["a"], ["b"]), Rule.TWO_MEMBERS),
    ("require_two_members", (["a", "b"],), (["a"],), Rule.TWO_MEMBERS),
    ("require_two_members", (["a", "b", "c"],), ([],), Rule.TWO_MEMBERS),
    ("require_no_active_run", (False,), (True,), Rule.ONE_RUN_AT_A_TIME),
    *(
        ("require_finished_link", (RunKind.LINK, RunState.DONE), (kind, state), Rule.FINISHED_RUN)
        for kind in RunKind
        for state in RunState
        if (kind, state) != (RunKind.LINK, RunState.DONE)
    ),
    ("require_current_run", (2, 2), (1, 2), Rule.CURRENT_AGREEMENT),
    ("require_counted", (True,), (False,), Rule.COUNTED_FIRST),
    ("require_seen", ("a" * 64, "a" * 64), ("a" * 64, "b" * 64), Rule.SEEN_RELEASE),
    ("require_seen", ("a" * 64, "a" * 64), ("a" * 64, None), Rule.SEEN_RELEASE),
    ("require_review_open", (False,), (True,), Rule.REVIEW_PERIOD),
    ("require_reviewer", ("clinic", "school"), ("school", "school"), Rule.PROPOSER_DOES_NOT_REVIEW),
    *(
        (
            "require_may_withdraw",
            (state, "clinic", "school"),
            (ReleaseState.PROPOSED, "clinic", "school"),
            Rule.PROPOSER_WITHDRAWS,
        )
        for state in ReleaseState
        if state is not ReleaseState.PROPOSED
    ),
    (
        "require_may_withdraw",
        (ReleaseState.PROPOSED, "school", "school"),
        (ReleaseState.PROPOSED, "clients", "school"),
        Rule.PROPOSER_WITHDRAWS,
    ),
    ("require_readers", (["ana"], {"ana", "ben"}), (["ana", "eve"], {"ana", "ben"}), Rule.NAMED_READERS),
    ("require_readers", ([], set()), (["ana"], set()), Rule.NAMED_READERS),
    ("require_agreed_tables", (["dwell"], ("dwell", "lag")), (["moves"], ("dwell", "lag")), Rule.AGREED_TABLES),
    ("require_agreed_tables", ([], ("lag",)), (["dwell", "lag"], ("lag",)), Rule.AGREED_TABLES),
    ("require_agreed_tables", (COVERAGE, COVERAGE), (COVERAGE[1:], COVERAGE), Rule.AGREED_TABLES),
    ("require_same_people", ("a", ["a", "a"]), ("a", ["b"]), Rule.SAME_PEOPLE),
    ("require_same_people", ("a", []), ("a", ["a", "b"]), Rule.SAME_PEOPLE),
    ("require_room_for_token", (1, 2), (2, 2), Rule.TWO_LIVE_TOKENS),
    ("require_room_for_token", (0, 1), (3, 2), Rule.TWO_LIVE_TOKENS),
]


@pytest.mark.parametrize(("policy", "allowed", "refused", "rule"), CASES)
def test_a_policy_allows_what_it_should_and_refuses_the_rest_by_its_rule(policy, allowed, refused, rule):
    require = getattr(policies, policy)
    require(*allowed)
    with pytest.raises(Refused) as error:
        require(*refused)
    assert error.value.rule == rule
    assert error.value.what


def test_every_policy_and_every_rule_is_tested_here():
    functions = {name for name, _ in inspect.getmembers(policies, inspect.isfunction) if name.startswith("require_")}
    assert {policy for policy, *_ in CASES} == functions
    assert {rule for *_, rule in CASES} == set(Rule)


def test_who_is_linked_comes_in_name_order_without_those_left_out():
    assert policies.require_deliveries(["b", "c", "a"], ["c", "a", "b"], ["b"]) == ["a", "c"]


def test_what_somebody_outside_delivered_is_not_linked():
    assert policies.require_deliveries(["a", "b"], ["a", "b", "x"], []) == ["a", "b"]


def test_a_refusal_names_the_seats_that_are_unknown_and_no_others():
    with pytest.raises(Refused, match=r"does not have: clients, school\n"):
        policies.require_known_seats(AGREEMENT, {"clinic": SeatKind.MEMBER})
