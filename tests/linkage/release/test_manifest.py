"""The manifest says all that a reader needs to judge a release, in one form for every policy, old releases too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from linkage.counting import checks_of, facts_of_release
from linkage.disclosure.protect import protect
from linkage.release.manifest import parse_manifest
from linkage.release.past_release import past_release
from linkage.release.read_release import read_release
from linkage.release.release_files import MANIFEST, PLAIN, release_files, write_files
from schemas import Agreement
from schemas.agreement import parse_agreement
from schemas.errors import BrokenFile
from tests.linkage.disclosure.made import counted

TABLES = ("unduplicated", "set_pathway", "contains_path")
NEW = ("tables", "groups", "contains_path", "linkage_schema", "clustering", "gap_days", "preset", "quorum", "recall")
RUN_FACTS = {
    "members_without_encodings": [],
    "threshold": {"value": 0.7, "how": "found", "expected_matches": 10751.3971, "expected_recall": 0.98179},
    "members": {"a": {"records": 140}, "b": {"records": 120}, "c": {"records": 60}},
    "software": {"waylink": "0.1.0"},
}


def agreement(policy: str) -> Agreement:
    return parse_agreement(
        f'''project = "p"
purpose = "q"
members = ["a", "b", "c"]
data_level = "period"
period = "month"
policy = "{policy}"
tables = ["unduplicated", "set_pathway", "ordered_pathway", "contains_path"]
[[contains_path]]
path = "a>b"
[groups]
"both" = ["a+b"]
'''
    )


def files(policy: str = "cms11") -> dict[str, bytes]:
    agreed = agreement(policy)
    raw = counted({"a": 40, "b": 30, "a>b": 25, "b>c": 5, "c": 30}, ("unduplicated", "set_pathway"))
    chosen = replace(agreed, tables=TABLES[:2])
    made = protect(raw, chosen, rounding_key=bytes(16))
    facts = facts_of_release(RUN_FACTS, "0" * 64)
    return release_files(made.tables, chosen, facts, PLAIN, checks=checks_of(made, chosen))


@pytest.mark.parametrize("policy", ["cms11", "uk10", "nz-rr3"])
def test_manifests_of_every_policy_that_hides_are_of_one_form_and_read_back(policy: str, tmp_path: Path) -> None:
    made = files(policy)
    assert parse_manifest(made[MANIFEST], MANIFEST)["parameters"]["policy"] == policy
    write_files(tmp_path, made)
    assert list(read_release(tmp_path).tables) == ["unduplicated", "set_pathway"]
    told = past_release(made[MANIFEST], made, "release")
    assert (told.policy, told.tables) == (policy, {"unduplicated", "set_pathway"})


def test_all_that_the_agreement_says_of_counting_is_there_and_the_tables_that_are_released() -> None:
    said, agreed = json.loads(files()[MANIFEST])["parameters"], agreement("cms11")
    assert set(NEW) < said.keys()
    assert said["tables"] == ["unduplicated", "set_pathway"]
    assert said["groups"] == {"both": ["a+b"]}
    assert said["contains_path"] == [{"path": ["a", "b"], "within_days": -1, "mode": "loose"}]
    assert said["linkage_schema"] == agreed.linkage_schema.digest


def test_no_fact_is_nearly_a_count_and_who_approved_is_said_not_to_be_known() -> None:
    manifest = json.loads(files()[MANIFEST])
    assert manifest["facts"]["threshold"] == {
        "value": 0.7, "how": "found", "expected_matches": "10,000-49,999", "expected_recall": 0.982
    }  # fmt: skip
    assert [one["records"] for one in manifest["members"]] == ["100-499", "100-499", "50-99"]
    assert manifest["approvals"] == []
    assert manifest["facts"]["approvals_known"].startswith("no")


def test_a_manifest_of_before_is_still_read() -> None:
    manifest = json.loads(files()[MANIFEST])
    for name in NEW:
        del manifest["parameters"][name]
    for name in ("earlier_releases", "approvals_known", "software"):
        del manifest["facts"][name]
    parse_manifest(json.dumps(manifest).encode(), MANIFEST)


def test_a_manifest_with_a_policy_that_there_is_not_is_refused() -> None:
    with pytest.raises(BrokenFile):
        parse_manifest(files()[MANIFEST].replace(b'"cms11"', b'"cms12"'), MANIFEST)
