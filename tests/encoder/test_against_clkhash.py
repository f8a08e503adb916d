"""Random linkage schemas and records, encoded by waylink and by clkhash itself."""

import numpy as np
import pandas as pd
from clkhash.clk import generate_clks
from clkhash.schema import from_json_dict
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder import encode_table

TEXT = {"type": "string", "encoding": "utf-8"}
COMPARISONS = st.one_of(
    st.builds(lambda n, p: {"type": "ngram", "n": n, "positional": p}, st.integers(1, 4), st.booleans()),
    st.just({"type": "exact"}),
)
NUMERIC = st.builds(
    lambda d, r, p: {"type": "numeric", "thresholdDistance": d, "resolution": r, "fractional_precision": p},
    st.integers(1, 50),
    st.integers(1, 6),
    st.integers(0, 2),
)
STRATEGIES = st.one_of(
    st.builds(lambda k: {"bitsPerToken": k}, st.integers(1, 70)),
    st.builds(lambda b: {"bitsPerFeature": b}, st.integers(1, 300)),
)
HASHES = st.sampled_from(
    [{"type": "blakeHash"}, {"type": "doubleHash"}, {"type": "doubleHash", "prevent_singularity": True}]
)
DAYS = st.dates().map(lambda day: f"{day.year:04d}-{day.month:02d}-{day.day:02d}")
KINDS = st.one_of(
    st.tuples(st.just(TEXT), COMPARISONS, st.just(st.text(max_size=12))),
    st.tuples(st.just({"type": "integer"}), st.one_of(COMPARISONS, NUMERIC), st.just(st.integers().map(str))),
    st.tuples(st.just({"type": "date", "format": "%Y-%m-%d"}), COMPARISONS, st.just(DAYS)),
)


@st.composite
def schema_and_rows(draw):
    features, cells = [], []
    for place in range(draw(st.integers(1, 4))):
        if place and draw(st.integers(0, 4)) == 0:
            features.append({"identifier": f"f{place}", "ignored": True})
            cells.append(st.text(max_size=3))
            continue
        form, comparison, values = draw(KINDS)
        hashing = {"comparison": comparison, "strategy": draw(STRATEGIES), "hash": draw(HASHES)}
        features.append({"identifier": f"f{place}", "format": form, "hashing": hashing})
        cells.append(values)
    kdf = {"type": "HKDF", "hash": draw(st.sampled_from(["SHA256", "SHA512"])), "keySize": draw(st.integers(16, 64))}
    config = {"l": 2 ** draw(st.integers(3, 10)), "xor_folds": draw(st.integers(0, 3)), "kdf": kdf}
    rows = draw(st.lists(st.tuples(*cells), min_size=1, max_size=6))
    return {"version": 3, "clkConfig": config, "features": features}, [list(row) for row in rows]


@settings(max_examples=60, deadline=None)
@given(schema_and_rows(), st.binary(min_size=1, max_size=40))
def test_any_schema_and_records_give_what_clkhash_gives(case, secret):
    schema, rows = case
    theirs = generate_clks(rows, from_json_dict(schema), secret)
    ours = encode_table(pd.DataFrame(rows, dtype=object), schema, secret).bits
    expected = np.frombuffer(b"".join(clk.tobytes() for clk in theirs), np.uint8).reshape(ours.shape)
    np.testing.assert_array_equal(ours, expected)
