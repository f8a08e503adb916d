"""The linkage schema: clkhash's JSON (v1-v3) that says which fields are hashed, and how.

This room knows the schema's outline only; what clkhash makes of it is `encoder/hashing/clkhash_spec.py`'s business.
"""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from schemas.digest import Digest, canonical_json, sha256_of
from schemas.errors import BadLinkageSchema, FileMissing

KNOWN_VERSIONS = (1, 2, 3)

RUN_BOUND_INFO = base64.b64encode(b"waylink: bind to run").decode()
"""A schema whose `kdf.info` is this asks for keys of its own in every agreement (and so every run): the same person's
CLKs of two runs cannot be compared. Any other info is kept, for partners who encode with clkhash itself."""


@dataclass(frozen=True)
class LinkageSchema:
    """A linkage schema and its identity.

    Attributes:
        name: the preset's name, or the file's.
        definition: clkhash's JSON, as read.
        digest: SHA-256 of the canonical JSON of `definition`.
    """

    name: str
    definition: dict[str, Any]
    digest: Digest

    @property
    def bits(self) -> int:
        """Length of a CLK in bits (`l`, after folding)."""
        return int(self.definition["clkConfig"]["l"])

    @property
    def xor_folds(self) -> int:
        """How often the filter is folded; clkhash reads `xor_folds`, not the documented `xorFolds`."""
        return int(self.definition["clkConfig"].get("xor_folds", 0))

    @property
    def fields(self) -> list[str]:
        """The identifiers of all columns, ignored ones included, in the order that fixes the keys."""
        return [str(feature["identifier"]) for feature in self.definition["features"]]

    @property
    def hashed_fields(self) -> list[str]:
        """The identifiers of the columns that reach the CLK."""
        return [str(f["identifier"]) for f in self.definition["features"] if not f.get("ignored", False)]

    def bound_to(self, agreement: Digest) -> dict[str, Any]:
        """clkhash's JSON with the keys bound to one agreement, where the schema asks for it (see RUN_BOUND_INFO)."""
        bound = copy.deepcopy(self.definition)
        kdf = bound["clkConfig"]["kdf"]
        if kdf.get("info") == RUN_BOUND_INFO:
            kdf["info"] = base64.b64encode(b"waylink run " + bytes.fromhex(agreement)).decode()
        return bound


def preset_names() -> list[str]:
    """The linkage schemas that come with waylink."""
    folder = resources.files("schemas") / "presets"
    return sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))


def load_linkage_schema(name: str | Path, *, relative_to: Path | None = None) -> LinkageSchema:
    """Load a preset by its name or a schema by its path.

    Args:
        name: a preset's name (`person-v1`) or a path to clkhash v1-v3 JSON.
        relative_to: the folder that a relative path starts from (default: the current one).

    Raises:
        FileMissing: neither a preset nor a readable file.
        BadLinkageSchema: not JSON, or without the outline of a clkhash schema.
    """
    if str(name) in preset_names():
        text = (resources.files("schemas") / "presets" / f"{name}.json").read_text(encoding="utf-8")
        return parse_linkage_schema(text, name=str(name))
    path = (relative_to or Path()) / name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise FileMissing(
            "is neither a preset nor a file that can be read",
            where=str(name),
            fix=f"use one of {', '.join(preset_names())} or the path of a clkhash schema",
        ) from None
    except UnicodeDecodeError:
        raise BadLinkageSchema("is not UTF-8 text", where=str(path)) from None
    return parse_linkage_schema(text, name=path.name)


def parse_linkage_schema(text: str, *, name: str) -> LinkageSchema:
    """Turn clkhash's JSON into a `LinkageSchema`; raises BadLinkageSchema where the outline is not there."""
    try:
        definition = json.loads(text)
    except ValueError as error:
        raise BadLinkageSchema(f"is not JSON ({error})", where=name) from None
    return linkage_schema(definition, name=name)


def linkage_schema(definition: object, *, name: str = "schema") -> LinkageSchema:
    """Give a schema its identity, after a look at its outline; raises BadLinkageSchema."""
    fault = _outline_fault(definition)
    if fault or not isinstance(definition, dict):
        raise BadLinkageSchema(fault, where=name, fix="use a linkage schema as clkhash documents them (v1 to v3)")
    return LinkageSchema(name, definition, sha256_of(canonical_json(definition)))


def _outline_fault(definition: object) -> str:
    if not isinstance(definition, dict):
        return "is not a JSON object"
    if definition.get("version") not in KNOWN_VERSIONS:
        return "has no 'version' of 1, 2 or 3"
    config, features = definition.get("clkConfig"), definition.get("features")
    if not isinstance(config, dict) or not isinstance(config.get("kdf"), dict) or not isinstance(config.get("l"), int):
        return "has no 'clkConfig' with 'l' and 'kdf'"
    if not isinstance(features, list) or not features:
        return "has no 'features'"
    if not all(isinstance(f, dict) and isinstance(f.get("identifier"), str) for f in features):
        return "has a feature without an 'identifier'"
    if config["l"] <= 0 or config["l"] % 8:
        return "has an 'l' that is not a positive multiple of 8"
    return ""
