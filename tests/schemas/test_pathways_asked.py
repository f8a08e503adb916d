"""The agreement's own pathways: gaps, groups, presets and `contains_path`; each fault with its line."""

import pytest

from schemas.agreement import parse_agreement
from schemas.errors import BadAgreement
from schemas.pathways_asked import Group, PathAsked

HEAD = """\
project = "Pathways"
purpose = "Plan together"
members = ["shelter", "clinic", "school"]
tables = ["set_pathway"]
"""
DAYS = HEAD + 'data_level = "day"\nas_of = 2025-01-01\n'
MONTHS = HEAD + 'data_level = "period"\nperiod = "month"\n'
MEMBERSHIP = HEAD + 'data_level = "membership"\n'


def problems(text):
    with pytest.raises(BadAgreement) as caught:
        parse_agreement(text)
    return caught.value.problems


YEAR = DAYS.replace("set_pathway", "transition_within") + "window_start = 2024-01-01\n"


def test_people_cannot_be_followed_for_longer_than_the_window():
    assert problems(YEAR) == [
        'line 4: table "transition_within" follows people for 730 days; allowed here: follow_up_days up to 366'
    ]
    assert problems(YEAR + "follow_up_days = 367")[0].startswith("line 8: table")
    assert parse_agreement(YEAR + "follow_up_days = 366").follow_up_days == 366
    assert parse_agreement(YEAR.replace("transition_within", "dwell")).follow_up_days == 730


def test_without_them_gap_and_follow_up_are_hud_s_and_nothing_is_asked_for():
    agreement = parse_agreement(DAYS)
    assert (agreement.gap_days, agreement.follow_up_days, agreement.preset) == (7, 730, "")
    assert (agreement.contains_path, agreement.groups) == ((), ())


def test_pathways_and_groups_are_read_and_put_in_order():
    agreement = parse_agreement(
        DAYS
        + '[[contains_path]]\npath = "shelter>school"\nwithin_days = 90\nmode = "direct"\n'
        + '[[contains_path]]\npath = "clinic>shelter>clinic"\n'
        + '[groups]\n"via school" = ["school>clinic", "shelter>school"]\nboth = ["clinic+shelter"]\n'
    )
    assert agreement.contains_path == (
        PathAsked(("clinic", "shelter", "clinic")),
        PathAsked(("shelter", "school"), 90, direct=True),
    )
    assert agreement.groups == (
        Group("both", ("clinic+shelter",)),
        Group("via school", ("school>clinic", "shelter>school")),
    )


@pytest.mark.parametrize(
    "change",
    [
        "gap_days = 8",
        "follow_up_days = 90",
        '[[contains_path]]\npath = "shelter>school"',
        '[[contains_path]]\npath = "shelter>school"\nmode = "direct"',
        '[groups]\nboth = ["clinic+shelter"]',
    ],
)
def test_the_digest_changes_with_each(change):
    assert parse_agreement(DAYS + change).digest != parse_agreement(DAYS).digest


def test_the_order_of_groups_and_pathways_does_not_change_the_digest():
    one, two = '[[contains_path]]\npath = "shelter>school"\n', '[[contains_path]]\npath = "clinic>school"\n'
    a, b = '[groups]\na = ["clinic"]\n', 'b = ["school"]\n'
    assert (
        parse_agreement(DAYS + one + two + a + b).digest
        == parse_agreement(DAYS + two + one + '[groups]\nb = ["school"]\na = ["clinic"]\n').digest
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DAYS + "gap_days = 0", "line 7: gap_days has a wrong value; allowed: a whole number of days, 1 to 366"),
        (DAYS + "follow_up_days = 9.5", "line 7: follow_up_days has a wrong value; allowed: a whole number"),
        (DAYS + 'preset = "hud"', 'line 7: preset has a wrong value; allowed: "hud-lsa"'),
        (DAYS + 'preset = "hud-lsa"', 'line 7: preset needs state = "service"'),
        (MONTHS + "gap_days = 3", 'line 7: gap_days needs data_level "day"'),
        (MONTHS + "follow_up_days = 30", 'line 7: follow_up_days needs data_level "day"'),
        (DAYS + '[[contains_path]]\npath = "shelter>"', "line 8: contains_path: path has a wrong value"),
        (DAYS + '[[contains_path]]\npath = "shelter+clinic"', "line 8: contains_path: path has a wrong value"),
        (DAYS + '[[contains_path]]\npath = "shelter>zoo"', "line 8: 'zoo' is no member"),
        (DAYS + '[[contains_path]]\nmode = "loose"', "line 7: contains_path has a wrong value"),
        (
            DAYS + '[[contains_path]]\npath = "shelter"\n\n[[contains_path]]\npath = "clinic"\nmode = "near"',
            "line 12: contains_path has a wrong value",
        ),
        (
            MONTHS + '[[contains_path]]\npath = "shelter>clinic"\nwithin_days = 9',
            'line 9: within_days needs data_level "day"',
        ),
        (DAYS + "[groups]\nboth = []", "line 8: groups has a wrong value"),
        (DAYS + '[groups]\nboth = ["clinic++"]', "line 8: groups: both: allowed: pathways such as"),
        (DAYS + '[groups]\nboth = ["zoo+clinic"]', "line 8: groups: both: 'zoo' is no member"),
        (DAYS + '[groups]\n"all other" = ["clinic"]', "line 8: 'all other' is the group of everybody else"),
        (
            DAYS + '[groups]\na = ["clinic+shelter"]\nb = ["shelter+clinic"]',
            "line 9: groups: b: a pathway is in 'a' too",
        ),
        (
            MEMBERSHIP + '[groups]\na = ["clinic>shelter"]',
            'line 7: groups: a: a pathway with an order needs data_level "period"',
        ),
    ],
)
def test_a_fault_names_its_line_and_what_is_allowed(text, expected):
    assert any(problem.startswith(expected) for problem in problems(text)), problems(text)


def test_a_preset_brings_its_own_groups_and_gap():
    services = DAYS + 'state = "service"\npreset = "hud-lsa"\n'
    assert parse_agreement(services).preset == "hud-lsa"
    assert problems(services + "gap_days = 8") == ["line 9: gap_days is 7 with this preset"]
    assert any("leave out one" in problem for problem in problems(services + '[groups]\na = ["ES"]'))


def test_services_may_have_any_name():
    text = DAYS + 'state = "service"\n[[contains_path]]\npath = "bed>\\"a>b\\""\n'
    assert parse_agreement(text).contains_path == (PathAsked(("bed", "a>b")),)
