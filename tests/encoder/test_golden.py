"""The golden vectors: CLKs that clkhash 0.18.3 made (see golden/generate.py), byte for byte."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from encoder import encode_table

GOLDEN = Path(__file__).parent / "golden"
SECRET = b"golden secret of no one"
SCHEMAS = json.loads((GOLDEN / "schemas.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    return pd.read_csv(GOLDEN / "records.csv.gz", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def clks():
    with np.load(GOLDEN / "clks.npz") as file:
        return dict(file)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_thousand_records_are_encoded_as_clkhash_encoded_them(name, records, clks):
    schema = SCHEMAS[name]
    table = records[[feature["identifier"] for feature in schema["features"]]]
    made = encode_table(table, schema, SECRET).bits
    assert made.shape == (1_000, schema["clkConfig"]["l"] // 8)
    np.testing.assert_array_equal(made, clks[name])


def test_there_are_vectors_for_every_schema_and_no_other(clks):
    assert set(clks) == set(SCHEMAS)
    assert len(SCHEMAS) >= 8


def test_the_double_hash_vectors_hold_tokens_that_set_a_single_bit(clks):
    """Else the two small schemas would not tell whether singularity is prevented."""
    singular, prevented = clks["double_hash_singular_small"], clks["double_hash_non_singular_small"]
    assert (singular != prevented).any()
