"""A run on disk: `link_map/MEMBER.csv` for each member, what the linker keeps beside them (`detail.safetensors`), and
`run.json` that says what was done to get there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from linkage import kernel
from linkage.clustering.recuts import recut_distance
from linkage.elsewhere import Elsewhere, elsewhere_bytes
from linkage.errors import WrongAgreement
from linkage.link_detail import FILE_NAME as DETAIL
from linkage.link_detail import NO_DETAIL, LinkDetail, read_detail, write_detail
from linkage.link_map import LinkMap, order_in_file, read_link_map, write_link_map
from linkage.linking import Linked
from linkage.member_folder import MemberFolder
from schemas import Agreement
from schemas.digest import sha256_of_file
from schemas.errors import BrokenFile, FileMissing

FORMAT = "waylink-run"
FORMAT_VERSION = 1
FILE_NAME = "run.json"
ELSEWHERE = "elsewhere"
"""The folder of each member's randomised answers, where the agreement asks for them; counting does not read it."""
SOFTWARE = ("waylink", "anonlink", "clkhash", "numpy", "scipy")


@dataclass(frozen=True, eq=False)
class RunFolder:
    """A run that was read back.

    Attributes:
        path: the folder.
        facts: run.json.
        link_maps: by member.
        detail: what the linker keeps beside them; of a run by an earlier waylink none.
    """

    path: Path
    facts: Mapping[str, Any]
    link_maps: Mapping[str, LinkMap]
    detail: LinkDetail


def facts_of_run(
    linked: Linked,
    agreement: Agreement,
    *,
    encodings_sha256: Mapping[str, str],
    link_maps_sha256: Mapping[str, str],
    seconds: Mapping[str, float],
    detail_sha256: str = "",
) -> dict[str, Any]:
    """What is to be said of a run, as JSON values. It counts each member's records: for the linker, not for members.

    Args:
        linked: what the run found.
        agreement: under which it was made.
        encodings_sha256: the digest of each member's encodings, by member.
        link_maps_sha256: the digest of each link map, by the name of its file.
        seconds: how long each stage took.
        detail_sha256: the digest of the file with what is kept beside the link maps; "" where it is not in one.
    """
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "project": agreement.project,
        "run": agreement.run,
        "agreement_digest": agreement.digest,
        "linkage_schema_digest": agreement.linkage_schema.digest,
        "members": _member_facts(linked, encodings_sha256),
        "members_without_encodings": sorted(set(agreement.members) - set(linked.members)),
        "parameters": {
            "clustering": agreement.clustering,
            "duplicates_inside_member": agreement.duplicates_inside_member,
            "candidates_from_score": linked.strangers.floor,
            "missing_pair_counts": round(linked.strangers.typical, 4),
        },
        "comparison": linked.compared.as_dict(),
        "threshold": linked.threshold.as_dict(),
        "links": linked.rates.as_dict() if linked.rates else None,
        "recuts": {"distance": round(recut_distance(linked.threshold), 4), "cuts": [one.cut for one in linked.recuts]},
        "counts": {
            "records": len(linked.groups.label),
            "people": linked.groups.people,
            "people_at_two_members_or_more": linked.groups.linked,
            "pairs_of_records": linked.compared.graph.records * (linked.compared.graph.records - 1) // 2,
            "candidate_pairs": len(linked.compared.graph.score),
        },
        "selfcheck": {"against": "anonlink", "agreed": True, **asdict(linked.selfcheck)},
        "kernel": kernel.active(),
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
        "software": {name: version(name) for name in SOFTWARE},
        "link_maps": dict(link_maps_sha256),
        **({"detail": {DETAIL: detail_sha256}} if detail_sha256 else {}),
    }


def write_run(
    draft: Path, linked: Linked, agreement: Agreement, folders: Sequence[MemberFolder], seconds: Mapping[str, float]
) -> dict[str, Any]:
    """Write a run into a folder, and give back what run.json says."""
    maps = draft / "link_map"
    maps.mkdir()
    for member, link_map in zip(linked.members, linked.link_maps, strict=True):
        write_link_map(link_map, maps / f"{member}.csv")
    members = zip(linked.members, linked.link_maps, strict=True)
    orders = {str(member): order_in_file(link_map.tokens) for member, link_map in members}
    write_detail(linked.detail.in_order(orders), draft / DETAIL)
    facts = facts_of_run(
        linked,
        agreement,
        encodings_sha256={folder.member: folder.encodings_sha256 for folder in folders},
        link_maps_sha256={f"{member}.csv": sha256_of_file(maps / f"{member}.csv") for member in linked.members},
        seconds=seconds,
        detail_sha256=sha256_of_file(draft / DETAIL),
    )
    if linked.answers:
        _write_answers(draft / ELSEWHERE, linked)
    (draft / FILE_NAME).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts


def _write_answers(folder: Path, linked: Linked) -> None:
    folder.mkdir()
    for member, link_map, answers in zip(linked.members, linked.link_maps, linked.answers, strict=True):
        (folder / f"{member}.csv").write_bytes(elsewhere_bytes(Elsewhere(link_map.tokens, answers)))


def _member_facts(linked: Linked, encodings_sha256: Mapping[str, str]) -> dict[str, Any]:
    return {
        member: {"records": len(link_map.tokens), "encodings_sha256": encodings_sha256[member]}
        for member, link_map in zip(linked.members, linked.link_maps, strict=True)
    }


def read_run(path: Path, agreement: Agreement, folders: Sequence[MemberFolder]) -> RunFolder:
    """Read a run back for counting, after proving that it is whole and of these encodings.

    (1) it is a run; (2) of this agreement; (3) each link map is as it was written, and so is what is kept beside them;
    (4) the folders are the members' that were linked, all of them and with the same encodings.

    Raises:
        FileMissing, BrokenFile: there is no run, or it was altered.
        WrongAgreement: it is a run of another agreement or of other encodings.
    """
    facts = _read_facts(path)  # (1)
    if facts["agreement_digest"] != agreement.digest:  # (2)
        raise WrongAgreement("is a run of another agreement", where=str(path))
    files = [(path / "link_map" / name, digest) for name, digest in facts["link_maps"].items()]
    files += [(path / name, digest) for name, digest in facts.get("detail", {}).items()]
    for file, digest in files:  # (3)
        if not file.is_file() or sha256_of_file(file) != digest:
            raise BrokenFile("is gone or altered since the run", where=str(file), fix="link again")
    linked = {member: entry["encodings_sha256"] for member, entry in facts["members"].items()}
    given = sorted((folder.member, folder.encodings_sha256) for folder in folders)
    if given != sorted(linked.items()):  # (4)
        raise WrongAgreement(
            "was made from other encodings than these folders hold",
            where=str(path),
            fix=f"give the folders that were linked: {', '.join(linked)}",
        )
    maps = {member: read_link_map(path / "link_map" / f"{member}.csv") for member in linked}
    tokens = {member: one.tokens for member, one in maps.items()}
    detail = read_detail(path / DETAIL, tokens) if facts.get("detail") else NO_DETAIL
    return RunFolder(path, facts, maps, detail)


def _read_facts(path: Path) -> dict[str, Any]:
    file = path / FILE_NAME
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        if (facts["format"], facts["format_version"]) != (FORMAT, FORMAT_VERSION):
            raise ValueError
        return dict(facts)
    except OSError:
        raise FileMissing("has no run.json: `waylink link` did not write this folder", where=str(path)) from None
    except (ValueError, KeyError, TypeError):
        raise BrokenFile("is not a run of this version of waylink", where=str(file)) from None
