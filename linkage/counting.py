"""From a run to a release: link maps and service records in, released tables out. Raw counts never leave this call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from linkage.disclosure import protect
from linkage.events import gather_events
from linkage.link_map import LinkMap, people_of
from linkage.member_folder import MemberFolder, read_member_services
from linkage.pathways import count_pathways
from linkage.release import MANIFEST, write_release
from linkage.run_folder import FILE_NAME, RunFolder
from schemas import Agreement, Services
from schemas.console import Progress
from schemas.digest import sha256_of_file
from schemas.encodings import TOKEN_BYTES

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
    services, link_maps = _of_every_member(run, agreement, folders)
    with progress.stage("counting", _STEPS) as advance:
        events = gather_events(agreement, services, [one.tokens for one in link_maps], people_of(link_maps))
        advance(1)
        raw = count_pathways(events)
        advance(1)
        released = protect(raw, agreement)
        advance(1)
    facts = {
        "waylink_version": version("waylink"),
        "run_digest": sha256_of_file(run.path / FILE_NAME),
        "threshold": run.facts["threshold"],
        "warnings": [f"{name} delivered no encodings" for name in run.facts["members_without_encodings"]],
    }
    write_release(draft, released.tables, agreement, facts)
    manifest: dict[str, Any] = json.loads((draft / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def _of_every_member(
    run: RunFolder, agreement: Agreement, folders: Sequence[MemberFolder]
) -> tuple[list[Services], list[LinkMap]]:
    """Services and link map of each member in the agreement's order; empty ones where a member delivered nothing."""
    delivered = {folder.member: folder for folder in folders}
    nobody = np.empty((0, TOKEN_BYTES), np.uint8)
    services, link_maps = [], []
    for member in agreement.members:
        if member in delivered:
            services.append(read_member_services(delivered[member], agreement))
            link_maps.append(run.link_maps[member])
        else:
            no_time = np.empty(0, np.int32)
            services.append(Services(nobody, np.empty(0, np.uint16), (), agreement.unit, no_time, no_time))
            link_maps.append(LinkMap(nobody, nobody))
    return services, link_maps
