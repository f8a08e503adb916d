"""From a run to a release: link maps and service records in, released tables out. Raw counts never leave this call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from linkage.disclosure import protect
from linkage.events import gather_events
from linkage.link_map import people_of
from linkage.member_folder import MemberFolder, read_member_services
from linkage.pathways import count_pathways
from linkage.release import MANIFEST, write_release
from linkage.run_folder import FILE_NAME, RunFolder
from schemas import Agreement, Member
from schemas.console import Progress
from schemas.digest import sha256_of_file

_STEPS = 3  # events, counts, disclosure: what the progress counts


def release_run(
    draft: Path, run: RunFolder, agreement: Agreement, folders: Sequence[MemberFolder], progress: Progress
) -> dict[str, Any]:
    """Count the pathways of a run and write its release into a folder; gives back the manifest.

    Args:
        draft: an empty folder that the caller makes appear whole.
        run: what `waylink link` wrote, proven to be of these folders.
        folders: the members' folders.
        progress: told of the steps.

    Raises:
        UnlinkedServices, WrongAgreement: service records that are not of this run.
        ReleaseRefused: disclosure control cannot make the tables safe.
    """
    delivered = sorted(folders, key=lambda folder: folder.member)
    services = [read_member_services(folder, agreement) for folder in delivered]
    link_maps = [run.link_maps[folder.member] for folder in delivered]
    # Members that delivered nothing are not counted: a 0 would say that they were, and served nobody.
    counted = replace(agreement, members=tuple(Member(folder.member) for folder in delivered))
    with progress.stage("counting", _STEPS) as advance:
        events = gather_events(counted, services, [one.tokens for one in link_maps], people_of(link_maps))
        advance(1)
        raw = count_pathways(events)
        advance(1)
        released = protect(raw, counted)
        advance(1)
    facts = {
        "waylink_version": version("waylink"),
        "run_digest": sha256_of_file(run.path / FILE_NAME),
        "threshold": run.facts["threshold"],
        "warnings": [f"{name} delivered nothing and is not counted" for name in run.facts["members_without_encodings"]],
    }
    write_release(draft, released.tables, agreement, facts)
    manifest: dict[str, Any] = json.loads((draft / MANIFEST).read_text(encoding="utf-8"))
    return manifest
