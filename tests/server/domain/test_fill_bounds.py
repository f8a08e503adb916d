"""The bounds on a CLK's bits hold for every honest record, and are near enough to mean something."""

import copy
import json
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from schemas.linkage_schema import linkage_schema, load_linkage_schema
from server.domain.upload_checks.clk_facts import ClkFacts
from server.domain.upload_checks.fill_bounds import CEILING, fill_bounds
from server.domain.upload_checks.refusals import BadFill
from tests.server.hostile import BITS_THROWN, honest_clks

GOLDEN = Path(__file__).parents[2] / "encoder" / "golden"
SCHEMAS = json.loads((GOLDEN / "schemas.json").read_text())
TOO_SHORT = 64  # bits: two of the golden schemas have 16, to fill them up
PERSON = load_linkage_schema("person-v1")


def person(bits: int = 1024, folds: int = 2, strategy: str = "bitsPerFeature"):
    definition = json.loads((resources.files("schemas") / "presets" / "person-v1.json").read_text())
    definition["clkConfig"] |= {"l": bits, "xor_folds": folds}
    for feature in definition["features"]:
        feature["hashing"]["strategy"] = {strategy: feature["hashing"]["strategy"]["bitsPerFeature"]}
    return linkage_schema(definition)


def facts_of(bits):
    facts = ClkFacts(len(bits), bits.shape[1])
    facts.add(bits.tobytes())
    facts.settle()
    return facts


@pytest.mark.parametrize("name", [name for name in SCHEMAS if SCHEMAS[name]["clkConfig"]["l"] >= TOO_SHORT])
def test_what_clkhash_encodes_is_within_the_bounds(name):
    with np.load(GOLDEN / "clks.npz") as clks:
        facts_of(clks[name]).require_fill(fill_bounds(linkage_schema(SCHEMAS[name])), "encodings")


@pytest.mark.parametrize(("bits", "folds"), [(1024, 2), (1024, 1), (1024, 0), (2048, 0), (256, 3), (512, 3)])
def test_records_with_every_field_are_under_the_bound_and_their_mean_near_it(bits, folds):
    schema = person(bits, folds)
    popcounts = np.bitwise_count(honest_clks(schema, 3_000, np.random.default_rng(2))).sum(axis=1, dtype=np.int64)
    bounds = fill_bounds(schema)
    assert bounds.fixed
    assert bounds.least_mean < popcounts.mean()
    assert popcounts.max() <= bounds.most
    deviations = (bounds.most - popcounts.mean()) / popcounts.std()
    assert 5.5 < deviations < 6.6


@pytest.mark.parametrize("thrown", [150, 300, 450])
def test_records_without_some_fields_are_under_the_bound_too(thrown):
    popcounts = np.bitwise_count(honest_clks(PERSON, 3_000, np.random.default_rng(3), thrown)).sum(axis=1)
    assert popcounts.max() < fill_bounds(PERSON).most
    assert thrown < BITS_THROWN


def test_ignored_fields_set_no_bits():
    definition = copy.deepcopy(PERSON.definition)
    definition["features"][0] = {"identifier": "first_name", "ignored": True}
    assert fill_bounds(linkage_schema(definition)).most < fill_bounds(PERSON).most


def test_no_clk_is_all_ones_or_half_random_under_the_preset():
    most = fill_bounds(PERSON).most
    halves = np.random.default_rng(4).integers(0, 256, (1_000, PERSON.bits // 8), np.uint8)
    assert (np.bitwise_count(halves).sum(axis=1) > most).mean() > 0.99
    assert most < PERSON.bits / 2


def test_a_schema_that_does_not_fix_the_bits_is_bounded_by_what_can_link():
    bounds = fill_bounds(person(folds=0, strategy="bitsPerToken"))
    assert not bounds.fixed
    assert bounds.most == int(CEILING * 1024)
    assert fill_bounds(person(folds=2, strategy="bitsPerToken")).most < 0.6 * 1024


@pytest.mark.parametrize("rows", [slice(0, 1), slice(0, 200), slice(0, 400)])
def test_without_a_bound_of_the_schema_the_files_median_finds_records_of_ones(rows):
    schema = person(folds=0, strategy="bitsPerToken")
    bits = honest_clks(schema, 400, np.random.default_rng(5))
    facts_of(bits).require_fill(fill_bounds(schema), "encodings")
    bits[rows] = 255
    with pytest.raises(BadFill):
        facts_of(bits).require_fill(fill_bounds(schema), "encodings")


@pytest.mark.parametrize("width", [1, 2, 3, 8, 63, 128])
def test_copies_are_counted_for_clks_of_any_length(width):
    bits = np.random.default_rng(6).integers(0, 256, (50, width), np.uint8)
    rows, counts = np.unique(bits[bits.any(axis=1)], axis=0, return_counts=True)
    facts = facts_of(bits)
    assert facts._most_copies == counts.max()
    assert facts._copies == counts.sum() - len(rows)
    assert facts.mean_bits == pytest.approx(np.bitwise_count(bits).sum() / 50)
