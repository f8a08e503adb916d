"""Linkage schemas: presets, paths, and keys bound to a run."""

import base64
import json

import pytest

from schemas import load_linkage_schema
from schemas.digest import Digest
from schemas.errors import BadLinkageSchema, FileMissing
from schemas.linkage_schema import linkage_schema, preset_names

ONE, OTHER = Digest("1" * 64), Digest("2" * 64)


def test_the_default_preset_is_as_the_design_measured_it():
    schema = load_linkage_schema("person-v1")
    strategies = [f["hashing"]["strategy"] for f in schema.definition["features"]]
    assert (schema.bits, schema.xor_folds) == (1024, 2)
    assert [s["bitsPerFeature"] for s in strategies] == [150, 20, 150, 180, 15, 40, 70]
    assert preset_names() == ["person-ssn4-v1", "person-v1"]


def test_a_preset_has_other_keys_under_every_agreement():
    schema = load_linkage_schema("person-v1")
    infos = {schema.bound_to(digest)["clkConfig"]["kdf"]["info"] for digest in (ONE, OTHER)}
    assert len(infos) == 2


def test_a_partners_own_schema_keeps_its_info():
    definition = json.loads(json.dumps(load_linkage_schema("person-v1").definition))
    definition["clkConfig"]["kdf"]["info"] = base64.b64encode(b"theirs").decode()
    assert linkage_schema(definition).bound_to(ONE) == definition


def test_binding_leaves_the_schema_and_its_digest_alone():
    schema = load_linkage_schema("person-v1")
    before = json.dumps(schema.definition)
    schema.bound_to(ONE)
    assert json.dumps(schema.definition) == before


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"version": 4}', '{"version": 3, "clkConfig": {"l": 1024, "kdf": {}}, "features": []}'],
)
def test_what_is_no_linkage_schema_is_refused(tmp_path, text):
    (tmp_path / "schema.json").write_text(text)
    with pytest.raises(BadLinkageSchema):
        load_linkage_schema(tmp_path / "schema.json")


def test_a_name_that_is_neither_preset_nor_file_names_the_presets():
    with pytest.raises(FileMissing, match="person-v1"):
        load_linkage_schema("person-v0")
