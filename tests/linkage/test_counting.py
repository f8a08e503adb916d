"""Counting in memory gives what counting on folders gives."""

import hashlib
import json
from dataclasses import replace

import pytest

from linkage.counting import checks_of, count_release, facts_of_release
from linkage.errors import BadInput
from linkage.link_detail import NO_DETAIL, read_detail
from linkage.link_map import parse_link_map
from linkage.linkage_error.link_rates import rates_from
from linkage.linking import link
from linkage.release.release_files import release_files
from linkage.run_folder import facts_of_run
from schemas import Cell, load_agreement, parse_encodings, parse_services
from schemas.console import SILENT
from schemas.errors import MemberNotNamed
from schemas.receipt import read_receipt
from tests.conftest import MEMBERS
from tests.linkage.told import Told


@pytest.fixture(scope="module")
def in_memory(released_coop):
    """The agreement, each member's services and link map from bytes, and what the linker kept beside them."""
    folders = dict(zip(MEMBERS, released_coop.folders, strict=True))
    services = {name: parse_services((folders[name] / "services.safetensors").read_bytes(), name) for name in MEMBERS}
    maps = {
        name: parse_link_map((released_coop.run / "link_map" / f"{name}.csv").read_bytes(), name) for name in MEMBERS
    }
    detail = read_detail(released_coop.run / "detail.safetensors", {name: one.tokens for name, one in maps.items()})
    return load_agreement(released_coop.agreement), services, maps, detail


def count(in_memory, members, progress=SILENT, **detail):
    agreement, services, maps, kept = in_memory
    given = (agreement, members, [services[name] for name in members], [maps[name] for name in members])
    return count_release(*given, progress, **({"detail": kept} | detail))


@pytest.mark.parametrize("members", [MEMBERS, MEMBERS[::-1]])
def test_a_release_from_memory_is_the_same_bytes_as_the_one_from_folders(in_memory, released_coop, members):
    run_json = (released_coop.run / "run.json").read_bytes()
    facts = facts_of_release(json.loads(run_json), hashlib.sha256(run_json).hexdigest())
    released = count(in_memory, members, rates=rates_from(facts["links"]))
    files = release_files(released.tables, in_memory[0], facts, checks=checks_of(released, in_memory[0]))
    written = released_coop.release
    there = {path.relative_to(written).as_posix(): path for path in written.rglob("*") if path.is_file()}
    assert files == {name: path.read_bytes() for name, path in there.items()}


def test_members_that_delivered_nothing_are_not_counted(in_memory):
    rows = count(in_memory, MEMBERS[:3]).tables["unduplicated"].rows
    assert [keys[0] for keys, _ in rows] == [*MEMBERS[:3], "all members"]


def test_counting_tells_its_three_steps_and_one_for_each_other_cut(in_memory):
    told = Told()
    count((replace(in_memory[0], tables=("unduplicated",)), *in_memory[1:]), MEMBERS, told)
    assert told.stages == [("counting", 5)]
    assert sum(told.steps) == 5


@pytest.fixture(scope="module")
def sets_and_pairs(in_memory):
    """Two tables, counted with and without what the linker kept."""
    few = (replace(in_memory[0], tables=("set_pathway", "overlap_pairs")), *in_memory[1:])
    return count(few, MEMBERS).tables, count(few, MEMBERS, detail=NO_DETAIL).tables


def counts_of(tables):
    """The cells of counts, and those of other numbers."""
    found = ([], [])
    for table in tables.values():
        for _, cells in table.rows:
            for name, cell in zip(table.measures, cells, strict=True):
                found[name not in table.counts].append(cell)
    return found


def test_every_count_shown_lies_between_its_low_and_high_and_nothing_else_has_them(sets_and_pairs):
    counts, others = counts_of(sets_and_pairs[0])
    for cell in counts:
        if cell.value is None:
            assert (cell.low, cell.high) == (None, None)
        else:
            assert cell.low <= cell.value <= cell.high
            assert (cell.low % 10, cell.high % 10) == (0, 0)
    assert all((cell.low, cell.high) == (None, None) for cell in others)
    assert any(cell.low is not None and cell.high - cell.low > 10 for cell in counts)  # the cut matters


def test_without_what_the_linker_kept_the_same_is_shown_without_low_and_high(sets_and_pairs):
    (bare, _), (counts, _) = (counts_of(tables) for tables in reversed(sets_and_pairs))
    assert bare == [Cell(cell.value, cell.status) for cell in counts]


@pytest.fixture(scope="module")
def quality(in_memory):
    """How far the lists could be linked, with the people of each member; with and without what the linker kept."""
    few = (replace(in_memory[0], tables=("unduplicated", "link_quality")), *in_memory[1:])
    return count(few, MEMBERS).tables, count(few, MEMBERS, detail=NO_DETAIL).tables, few


def topics_of(table):
    return list(dict.fromkeys(keys[0] for keys, _ in table.rows))


def test_people_found_elsewhere_and_not_are_a_members_people(quality):
    tables = quality[0]
    people = {keys[0]: cells[1].value for keys, cells in tables["unduplicated"].rows}
    for topic, least in (("linked", 5), ("complete", 4), ("group_size", 1)):
        by_member = {}
        for (row, member, _), (cell, _) in tables["link_quality"].rows:
            if row == topic:
                by_member.setdefault(member, []).append(cell.value)
        whole = {name: sum(values) for name, values in by_member.items() if None not in values}
        assert len(whole) >= least
        assert whole == {name: people[name] for name in whole}


def test_pairs_by_score_are_drawn_with_the_threshold(quality, released_coop):
    tables, _, (agreement, *_) = quality
    run_json = (released_coop.run / "run.json").read_bytes()
    facts = facts_of_release(json.loads(run_json), hashlib.sha256(run_json).hexdigest())
    files = release_files(tables, agreement, facts, checks=checks_of(count(quality[2], MEMBERS), agreement))
    assert b"threshold 0." in files["charts/link_quality.svg"]


def test_without_what_the_linker_kept_neither_full_records_nor_scores_are_told(quality, in_memory):
    assert topics_of(quality[0]["link_quality"]) == ["linked", "complete", "group_size", "score"]
    assert topics_of(quality[1]["link_quality"]) == ["linked", "group_size"]
    with_four = count(quality[2], MEMBERS[:4]).tables["link_quality"]
    assert topics_of(with_four) == ["linked", "complete", "group_size"]  # the pairs were of all five
    no_pairs = count(quality[2], MEMBERS, detail=in_memory[3].without_scores()).tables["link_quality"]
    assert topics_of(no_pairs) == ["linked", "complete", "group_size"]


def test_a_member_twice_or_without_its_map_is_refused(in_memory):
    agreement, services, maps, _ = in_memory
    one, other = MEMBERS[:2]
    with pytest.raises(BadInput, match="each once"):
        count(in_memory, (one, one))
    with pytest.raises(BadInput, match="each once"):
        count_release(agreement, (one, other), [services[one], services[other]], [maps[one]])


def test_a_member_that_the_agreement_does_not_name_is_refused(in_memory):
    agreement, services, maps, _ = in_memory
    with pytest.raises(MemberNotNamed):
        count_release(agreement, ("nobody",), [services["clinic"]], [maps["clinic"]])


def test_the_facts_of_a_run_are_those_of_its_folder(released_coop):
    agreement = load_agreement(released_coop.agreement)
    written = json.loads((released_coop.run / "run.json").read_text())
    encodings = [
        parse_encodings((folder / "encodings.safetensors").read_bytes(), folder.name)
        for folder in released_coop.folders
    ]
    digests = {
        folder.name: read_receipt(folder)["files"]["encodings.safetensors"]["sha256"]
        for folder in released_coop.folders
    }
    facts = facts_of_run(
        link(encodings, agreement),
        agreement,
        encodings_sha256=digests,
        link_maps_sha256=written["link_maps"],
        seconds=written["seconds"],
        detail_sha256=written["detail"]["detail.safetensors"],
    )
    written["comparison"]["why"] = facts["comparison"]["why"]  # the command has a clock
    assert json.loads(json.dumps(facts)) == written
