"""Random linkage schemas and records, encoded by waylink and by clkhash itself."""

import numpy as np
import pandas as pd
from clkhash.clk import generate_clks
from clkhash.schema import from_json_dict
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder import encode_table

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
LETTERS = {"utf-8": None, "utf-16": None, "utf-32": None, "ascii": 127}
TEXTS = st.sampled_from([*LETTERS]).flatmap(
    lambda encoding: st.tuples(
        st.just({"type": "string", "encoding": encoding}),
        COMPARISONS,
        st.just(st.text(st.characters(max_codepoint=LETTERS[encoding], exclude_categories=["Cs"]), max_size=12)),
    )
)
DAYS = st.dates().map(lambda day: f"{day.year:04d}-{day.month:02d}-{day.day:02d}")
TERSE = st.dates().map(lambda day: f"{day.year:04d}{day.month:02d}{day.day:02d}")
KINDS = st.one_of(
    TEXTS,
    st.tuples(
        st.just({"type": "string", "case": "lower", "maxLength": 9}), COMPARISONS, st.just(st.text("añb 7", max_size=9))
    ),
    st.tuples(st.just({"type": "string", "pattern": "[ab]*"}), COMPARISONS, st.just(st.text("ab", max_size=5))),
    st.tuples(st.just({"type": "integer"}), st.one_of(COMPARISONS, NUMERIC), st.just(st.integers().map(str))),
    st.tuples(st.just({"type": "date", "format": "%Y-%m-%d"}), COMPARISONS, st.just(DAYS)),
    st.tuples(st.just({"type": "date", "format": "%Y%m%d"}), COMPARISONS, st.just(TERSE)),
    st.tuples(st.just({"type": "enum", "values": ["m", "f"]}), COMPARISONS, st.just(st.sampled_from("mf"))),
)
MISSING = st.one_of(
    st.just({}),
    st.just({"missingValue": {"sentinel": "N/A"}}),
    st.just({"missingValue": {"sentinel": "", "replaceWith": "0000"}}),
    st.just({"missingValue": {"sentinel": "N/A", "replaceWith": "1"}}),
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
        missing = {} if comparison["type"] == "numeric" else draw(MISSING)  # clkhash stops at 'N/A' as a number
        hashing = {"comparison": comparison, "strategy": draw(STRATEGIES), "hash": draw(HASHES), **missing}
        features.append({"identifier": f"f{place}", "format": form, "hashing": hashing})
        sentinel = missing.get("missingValue", {}).get("sentinel")
        cells.append(values if sentinel is None else st.one_of(values, st.just(sentinel)))
    kdf = {"type": "HKDF", "hash": draw(st.sampled_from(["SHA256", "SHA512"])), "keySize": draw(st.integers(16, 64))}
    config = {"l": 2 ** draw(st.integers(3, 10)), "xor_folds": draw(st.integers(0, 3)), "kdf": kdf}
    rows = draw(st.lists(st.tuples(*cells), min_size=1, max_size=6))
    return {"version": 3, "clkConfig": config, "features": features}, [list(row) for row in rows]


@st.composite
def old_schema_and_rows(draw):
    """Version 1, whose features weigh a common k, and version 2, whose features say how many bits."""
    version, hash_type = draw(st.sampled_from([1, 2])), draw(st.sampled_from(["blakeHash", "doubleHash"]))
    config = {"l": 2 ** draw(st.integers(3, 10)), "xor_folds": draw(st.integers(0, 2)), "kdf": {"type": "HKDF"}}
    if version == 1:
        # From 2 on, so that the smallest weight leaves a bit a token: clkhash refuses a feature with none.
        config |= {"k": draw(st.integers(2, 40)), "hash": {"type": hash_type}}
    features = []
    for place in range(draw(st.integers(1, 3))):
        hashing = {"ngram": draw(st.integers(1, 3)), "positional": draw(st.booleans())}
        if version == 1:
            hashing["weight"] = draw(st.sampled_from([0, 0.5, 1, 1.7]))
        else:
            strategy = draw(st.sampled_from([{"k": 7}, {"numBits": 90}]))
            hashing |= {"strategy": strategy, "hash": {"type": hash_type}}
        form = {"type": "string", "encoding": "utf-8"}
        features.append({"identifier": f"f{place}", "format": form, "hashing": hashing})
    rows = draw(st.lists(st.lists(st.text(max_size=9), min_size=len(features), max_size=len(features)), min_size=1))
    return {"version": version, "clkConfig": config, "features": features}, rows


@settings(max_examples=150, deadline=None)
@given(st.one_of(schema_and_rows(), old_schema_and_rows()), st.binary(min_size=1, max_size=40))
def test_any_schema_and_records_give_what_clkhash_gives(case, secret):
    schema, rows = case
    theirs = generate_clks(rows, from_json_dict(schema), secret)
    ours = encode_table(pd.DataFrame(rows, dtype=object), schema, secret).bits
    expected = np.frombuffer(b"".join(clk.tobytes() for clk in theirs), np.uint8).reshape(ours.shape)
    np.testing.assert_array_equal(ours, expected)
