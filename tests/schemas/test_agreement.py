"""The agreement: what it says, and what it answers to a wrong one."""

import json
from datetime import date

import pytest

from schemas import Level, Unit, load_agreement
from schemas.agreement import parse_agreement
from schemas.errors import BadAgreement, FileMissing, MemberNotNamed

GOOD = """\
project = "Pathways"
purpose = "Plan together"
members = ["shelter", "clinic", "school"]
data_level = "period"
period = "quarter"
tables = ["set_pathway", "ordered_pathway"]
"""


def problems(text: str) -> list[str]:
    with pytest.raises(BadAgreement) as caught:
        parse_agreement(text)
    return caught.value.problems


def test_a_short_agreement_is_filled_with_the_stated_defaults():
    agreement = parse_agreement(GOOD)
    assert agreement.members == ("clinic", "school", "shelter")
    assert (agreement.minimum_cell, agreement.quorum, agreement.retention_days) == (11, 3, 0)
    assert (agreement.level, agreement.unit) == (Level.PERIOD, Unit.QUARTER)
    assert agreement.threshold is None
    assert agreement.duplicates_inside_member
    assert agreement.linkage_schema.name == "person-v1"


def test_the_digest_ignores_order_spaces_comments_and_stated_defaults():
    other = """# the same, said otherwise
tables = ["ordered_pathway", "set_pathway"]
members = [ "clinic", "school", "shelter" ]
data_level = "period"
period = "quarter"
minimum_cell = 11
quorum = "all"
purpose = "Plan together"
project = "Pathways"
"""
    assert parse_agreement(GOOD).digest == parse_agreement(other).digest


@pytest.mark.parametrize(
    "change",
    [
        'run = "2"',
        "threshold = 0.7",
        "minimum_cell = 12",
        "quorum = 2",
        "retention = 30",
        "review_days = 14",
        'clustering = "greedy"',
        'compare = "lsh"',
        "recall = 0.9",
        "time_budget = 5",
        'duplicates_inside_member = "no"',
        'state = "service"',
        "window_start = 2024-01-01",
        'community = ["clients"]',
        'opt_out = "ask"',
    ],
)
def test_the_digest_changes_with_every_choice(change):
    assert parse_agreement(GOOD + change).digest != parse_agreement(GOOD).digest


def test_community_seats_vote_beside_the_members():
    agreement = parse_agreement(GOOD + 'community = ["clients", "alumni"]')
    assert agreement.voters == ("clinic", "school", "shelter", "alumni", "clients")
    assert agreement.quorum == 5


def test_a_schema_at_hand_is_taken_and_no_file_is_opened():
    schema = parse_agreement(GOOD).linkage_schema
    assert parse_agreement(GOOD + 'linkage_schema = "../../secret.json"', schema=schema).linkage_schema is schema


def test_the_digest_knows_the_linkage_schema_by_its_content_not_its_path(tmp_path):
    preset = parse_agreement(GOOD)
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(preset.linkage_schema.definition))
    a, b = (parse_agreement(f'{GOOD}linkage_schema = "{name}"', folder=tmp_path) for name in ("a.json", "b.json"))
    assert a.digest == b.digest == preset.digest


def test_an_unknown_key_names_its_line_and_the_allowed_keys():
    (problem,) = problems(GOOD + 'treshold = "auto"')
    assert problem.startswith("line 7: unknown key 'treshold'; allowed: project,")


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ('data_level = "hour"', '"membership", "period", "day"'),
        ('clustering = "best"', '"average", "greedy"'),
        ('compare = "quick"', '"auto", "exact", "lsh"'),
        ("recall = 1", "a number from 0.5 up to, but not including, 1"),
        ('time_budget = "long"', "a whole number of minutes, 1 or more"),
        ("threshold = 1.5", '"auto" or a number over 0 and up to 1'),
        ("threshold = 0", '"auto" or a number over 0 and up to 1'),
        ("minimum_cell = 5", "a whole number, 11 or more"),
        ('policy = "none"', '"cms11", "uk10", "nz-rr3"'),
        ("epsilon = 1", 'with policy "dp-laplace" only'),
        ("epsilon = 0", "a number from 0.01 to 10"),
        ('policy = "dp-laplace"', "needs epsilon"),
        ("duplicates_inside_member = true", '"yes", "no"'),
        ('retention = "forever"', '"end-of-run" or a whole number of days'),
        ("review_days = 0", "a whole number of days (1 to 365)"),
        ("quorum = 4", "no more than the 3 members and community seats"),
        ("community = ['clinic']", "names a member: clinic"),
        ('window_start = "soon"', "a day such as"),
        ('members = ["one"]', "two or more different names"),
        ('members = ["a/b", "c"]', "letters, digits"),
        ('tables = ["set_pathway", "names"]', "unduplicated, set_pathway"),
        ('tables = ["coverage_estimate"]', '"coverage_estimate" is made of "overlap_pairs"'),
    ],
)
def test_a_wrong_value_names_its_line_and_what_is_allowed(line, allowed):
    key = line.split(" = ")[0]
    text = "\n".join(old for old in GOOD.splitlines() if not old.startswith(key)) + f"\n{line}\n"
    number = text.splitlines().index(line) + 1
    assert any(problem.startswith(f"line {number}: ") and allowed in problem for problem in problems(text))


def test_every_problem_is_told_at_once():
    assert len(problems('project = 3\ntables = []\nfoo = 1\nmembers = ["a", "b"]\ndata_level = "membership"')) == 4


def test_a_missing_key_is_named():
    assert any("'purpose' is missing" in problem for problem in problems(GOOD.replace("purpose", "run")))


def test_a_table_that_needs_a_finer_level_is_refused():
    text = GOOD.replace('"period"\nperiod = "quarter"', '"membership"')
    assert any('"ordered_pathway" needs data_level "period"' in problem for problem in problems(text))


def test_a_window_that_ends_before_it_starts_is_refused():
    text = GOOD + "window_start = 2024-01-01\nwindow_end = 2023-01-01"
    assert any(problem.startswith("line 8: window_end") for problem in problems(text))


@pytest.mark.parametrize("day", ["2024-01-02", "2024-02-01"])
def test_a_window_starts_where_a_period_does(day):
    assert any("the first day of a quarter" in problem for problem in problems(GOOD + f"window_start = {day}"))


def test_broken_toml_names_its_line():
    assert any("line 7" in problem for problem in problems(GOOD + "run = = 2"))


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "agreement.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_agreement(path).digest == parse_agreement(GOOD).digest


def test_a_schema_with_the_misspelt_fold_key_is_refused(tmp_path):
    definition = parse_agreement(GOOD).linkage_schema.definition
    definition = {**definition, "clkConfig": {**definition["clkConfig"], "xorFolds": 2}}
    (tmp_path / "schema.json").write_text(json.dumps(definition))
    with pytest.raises(BadAgreement, match="xor_folds"):
        parse_agreement(GOOD + 'linkage_schema = "schema.json"', folder=tmp_path)


def test_a_schema_that_is_not_there_is_named_with_the_presets():
    (problem,) = problems(GOOD + 'linkage_schema = "nowhere.json"')
    assert problem.startswith("line 7")
    assert "person-v1" in problem


def test_a_missing_agreement_is_told_as_such(tmp_path):
    with pytest.raises(FileMissing):
        load_agreement(tmp_path / "none.toml")


def test_a_member_that_is_not_named_is_not_allowed():
    agreement = parse_agreement(GOOD)
    assert agreement.require_member("clinic") == "clinic"
    with pytest.raises(MemberNotNamed, match="clinic, school, shelter"):
        agreement.require_member("pantry")


def test_days_are_read_as_days():
    agreement = parse_agreement(GOOD + "window_start = 2023-01-01\nwindow_end = 2024-01-01\nas_of = 2024-02-01")
    assert (agreement.window_start, agreement.as_of) == (date(2023, 1, 1), date(2024, 2, 1))


def test_noise_says_which_tables_states_and_members_it_cannot_have():
    text = GOOD + 'policy = "dp-laplace"\nepsilon = 0.5\n'
    (problem,) = problems(text)
    assert problem.startswith('line 6: table "ordered_pathway" cannot have noise; allowed')
    fine = text.replace(', "ordered_pathway"', "")
    assert parse_agreement(fine).epsilon == 0.5
    assert parse_agreement(fine).digest != parse_agreement(fine.replace("0.5", "0.6")).digest
    (problem,) = problems(fine + 'state = "service"\n')
    assert problem.startswith('line 9: policy "dp-laplace" needs state "member"')
    many = ", ".join(f'"m{number}"' for number in range(11))
    (problem,) = problems(fine.replace('"shelter", "clinic", "school"', many))
    assert problem.startswith('line 7: policy "dp-laplace" is for 10 members at most')
