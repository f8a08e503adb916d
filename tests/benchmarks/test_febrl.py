"""The FEBRL benchmark draws what it says, from a folder or a wheel, and both ways give the same lists."""

import zipfile

import numpy as np
import pytest

from benchmarks.febrl import FIELDS, FILES, IN_BOTH, IN_ONE, INSIDE_WHEEL, draw_lists, read_febrl, schema_definition
from schemas.linkage_schema import linkage_schema

PEOPLE = 5000
HEADER = ", ".join(["rec_id", *FIELDS, "soc_sec_id"])


@pytest.fixture
def folder(tmp_path):
    """Two files in FEBRL's form, of which the second has lost its surnames."""
    for name, kind, surname in zip(FILES, ("org", "dup-0"), ("smith{n}", ""), strict=True):
        rows = [
            f"rec-{n}-{kind}, anna{n % 97}, {surname.format(n=n % 89)}, {n % 50}, lane {n % 71}, , town, 2000, nsw, "
            f"19{n % 90:02}0101, {n}"
            for n in range(PEOPLE)
        ]
        (tmp_path / name).write_text("\n".join([HEADER, *rows]) + "\n")
    return tmp_path


def test_a_folder_and_a_wheel_give_the_same_lists(folder):
    wheel = folder / "some.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in FILES:
            archive.write(folder / name, INSIDE_WHEEL + name)
    for one, other in zip(read_febrl(folder), read_febrl(wheel), strict=True):
        assert one.equals(other)
        assert set(FIELDS) <= set(one.columns)


def test_a_third_of_each_list_is_on_the_other_and_nobody_is_on_a_list_twice(folder):
    drawn = draw_lists(read_febrl(folder), schema_definition(2), seed=1)
    first, second = (drawn.truth[drawn.member == member] for member in (0, 1))
    assert len(first) == len(second) == IN_BOTH + IN_ONE == len(np.unique(first)) == len(np.unique(second))
    assert len(np.intersect1d(first, second)) == IN_BOTH


def test_a_seed_draws_the_same_people_again_and_another_seed_others(folder):
    lists = read_febrl(folder)
    one, again, other = (draw_lists(lists, schema_definition(0), seed).truth for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("folds", [0, 1, 2])
def test_the_schema_has_so_many_folds_and_febrls_fields(folds):
    schema = linkage_schema(schema_definition(folds))
    assert (schema.xor_folds, schema.bits, schema.fields) == (folds, 1024, list(FIELDS))
