"""Makes the golden vectors with clkhash itself: `python tests/encoder/golden/generate.py`, run with clkhash 0.18.3.

Writes beside itself: `records.csv.gz` (1,000 invented records), `schemas.json` (name -> linkage schema; a feature's
identifier is the column of the records that it hashes) and `clks.npz` (name -> uint8 (1000, l / 8)).
"""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import random
from importlib import metadata
from pathlib import Path

import numpy as np
from clkhash.clk import generate_clks
from clkhash.schema import from_json_dict

HERE = Path(__file__).parent
SECRET = b"golden secret of no one"
RECORDS = 1_000
SEED = 20260101

FIRST = ["Anna", "Zoë", "Ольга", "محمد", "芳", "José", "Nguyễn Văn", "Bo", "o'Neil", "aaaa", "X", "Dvořák", "🙂", ""]
LAST = ["Müller-Lüdenscheidt", "王", "Papadopoulou", "van der Berg", "Ó Briain", "Smith", "Иванова", "Çelik", "", "Li"]
STREETS = ["main st", "avenue of the americas", "5th", "rue de l'église", "a", "king george ave sw"]


def records() -> list[dict[str, str]]:
    """Invented records; every column fits the formats of the schemas below."""
    rng = random.Random(SEED)  # noqa: S311 (invented records, the same in every run)
    return [
        {
            "first": rng.choice(FIRST) + rng.choice(["", "", "a", "ë", "na"]),
            "last": rng.choice(LAST) + rng.choice(["", " ", "son", "-Kaya"]),
            "dob": f"{rng.randint(1920, 2020)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            "sex": rng.choice("mfx"),
            "number": rng.choice(["7", "+12", " 300", "0042", str(rng.randint(-50, 99999))]),
            "amount": rng.choice(["1.25", "-3", "1e3", "17", f"{rng.uniform(0, 500):.3f}"]),
            "street": rng.choice(STREETS),
            "phone": rng.choice(["N/A", "", f"{rng.randint(0, 9999999):07d}"]),
            "code": "".join(rng.choice("abcdefgh ") for _ in range(rng.randint(0, 12))),
        }
        for _ in range(RECORDS)
    ]


def feature(identifier: str, comparison: dict, strategy: dict, form: dict | None = None, **hashing: object) -> dict:
    """A feature of schema version 3."""
    return {
        "identifier": identifier,
        "format": form or {"type": "string", "encoding": "utf-8"},
        "hashing": {"comparison": comparison, "strategy": strategy, **hashing},
    }


def ngram(n: int, *, positional: bool = False) -> dict:
    """An n-gram comparison."""
    return {"type": "ngram", "n": n, "positional": positional}


def kdf(hash_: str = "SHA256", key_size: int = 64) -> dict:
    """Key derivation with salt and info."""
    words = {word: base64.b64encode(word.encode()).decode() for word in ("salt", "info")}
    return {"type": "HKDF", "hash": hash_, "keySize": key_size, **words}


def v3(bits: int, features: list[dict], folds: int = 0, **kdf_options: object) -> dict:
    """A schema of version 3."""
    return {
        "version": 3,
        "clkConfig": {"l": bits, "xor_folds": folds, "kdf": kdf(**kdf_options)},
        "features": features,
    }


def per_token(k: int) -> dict:
    """The same number of bits for each token."""
    return {"bitsPerToken": k}


def per_feature(bits: int) -> dict:
    """So many bits for the whole value."""
    return {"bitsPerFeature": bits}


BLAKE = {"type": "blakeHash"}
DOUBLE = {"type": "doubleHash"}
NON_SINGULAR = {"type": "doubleHash", "prevent_singularity": True}
DATE = {"type": "date", "format": "%Y-%m-%d"}
WHOLE = {"type": "integer"}
FORMATS_V1 = {"type": "string", "encoding": "utf-8"}


def schemas() -> dict[str, dict]:
    """The schemas, each for what its name says."""
    return {
        "folds2_per_feature_blake": v3(
            512,
            [
                feature("first", ngram(2), per_feature(150), hash=BLAKE),
                feature("last", ngram(2), per_feature(150), hash=BLAKE),
                feature("dob", ngram(1, positional=True), per_feature(180), DATE, hash=BLAKE),
                feature("sex", ngram(1), per_feature(15), {"type": "enum", "values": ["m", "f", "x"]}),
                feature("number", ngram(1, positional=True), per_feature(40), WHOLE),
            ],
            folds=2,
        ),
        "ngrams_1_2_3_per_token": v3(
            1024,
            [
                *(feature("last", ngram(n), per_token(10)) for n in (1, 2, 3)),
                *(feature("street", ngram(n, positional=True), per_token(7)) for n in (1, 2, 3)),
            ],
        ),
        "double_hash_fold1": v3(
            504,
            [
                feature("first", ngram(2), per_token(20), hash=DOUBLE),
                feature("street", ngram(2), per_feature(200), hash=DOUBLE),
            ],
            folds=1,
        ),
        "double_hash_singular_small": v3(16, [feature("code", ngram(2), per_token(3), hash=DOUBLE)]),
        "double_hash_non_singular_small": v3(16, [feature("code", ngram(2), per_token(3), hash=NON_SINGULAR)]),
        "exact_and_numeric": v3(
            256,
            [
                feature("sex", {"type": "exact"}, per_token(12)),
                feature("street", {"type": "exact"}, per_feature(100)),
                feature("number", {"type": "numeric", "thresholdDistance": 25, "resolution": 7}, per_token(4), WHOLE),
                feature(
                    "amount",
                    {"type": "numeric", "thresholdDistance": 0.5, "resolution": 3, "fractional_precision": 2},
                    per_feature(60),
                ),
            ],
            folds=1,
        ),
        "missing_values": v3(
            512,
            [
                feature(
                    "phone",
                    ngram(2),
                    per_feature(90),
                    {"type": "string", "pattern": "[0-9]*"},
                    missingValue={"sentinel": "N/A", "replaceWith": "0000000"},
                ),
                feature("phone", ngram(2), per_token(9), missingValue={"sentinel": "N/A"}),
                feature("phone", ngram(1), per_token(9), missingValue={"sentinel": "", "replaceWith": "nothing"}),
            ],
        ),
        "sha512_ignored_columns": v3(
            512,
            [
                {"identifier": "amount", "ignored": True},
                feature("last", ngram(2), per_feature(120)),
                {"identifier": "phone", "ignored": True},
                feature("first", ngram(2), per_feature(120), hash=NON_SINGULAR),
            ],
            hash_="SHA512",
            key_size=48,
        ),
        "other_encodings": v3(
            512,
            [
                feature("first", ngram(2), per_feature(100), {"type": "string", "encoding": "utf-16"}),
                feature("last", ngram(2), per_feature(100), {"type": "string", "encoding": "utf-32"}, hash=DOUBLE),
                feature("code", ngram(3), per_feature(100), {"type": "string", "encoding": "ascii"}),
            ],
        ),
        "version_1": {
            "version": 1,
            "clkConfig": {"l": 512, "k": 20, "xor_folds": 1, "hash": DOUBLE, "kdf": kdf()},
            "features": [
                {"identifier": "first", "format": FORMATS_V1, "hashing": {"ngram": 2, "weight": 0.8}},
                {"identifier": "last", "format": FORMATS_V1, "hashing": {"ngram": 2, "weight": 0}},
                {"identifier": "amount", "ignored": True},
                {"identifier": "dob", "format": DATE, "hashing": {"ngram": 1, "positional": True, "weight": 1.5}},
            ],
        },
        "version_2": {
            "version": 2,
            "clkConfig": {"l": 512, "xor_folds": 1, "kdf": kdf()},
            "features": [
                {
                    "identifier": "first",
                    "format": FORMATS_V1,
                    "hashing": {"ngram": 2, "strategy": {"numBits": 200}, "hash": BLAKE},
                },
                {
                    "identifier": "street",
                    "format": FORMATS_V1,
                    "hashing": {"ngram": 3, "positional": True, "strategy": {"k": 5}, "hash": NON_SINGULAR},
                },
            ],
        },
    }


def main() -> None:
    """Write the three files."""
    if metadata.version("clkhash") != "0.18.3":
        raise SystemExit("golden vectors are of clkhash 0.18.3")
    people = records()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, people[0].keys())
    writer.writeheader()
    writer.writerows(people)
    (HERE / "records.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    (HERE / "schemas.json").write_text(json.dumps(schemas(), indent=1) + "\n", encoding="utf-8")
    clks = {}
    for name, schema in schemas().items():
        rows = [[person[feature["identifier"]] for feature in schema["features"]] for person in people]
        made = generate_clks(rows, from_json_dict(schema), SECRET)
        clks[name] = np.frombuffer(b"".join(clk.tobytes() for clk in made), np.uint8).reshape(RECORDS, -1)
    np.savez(HERE / "clks.npz", **clks)


if __name__ == "__main__":
    main()
