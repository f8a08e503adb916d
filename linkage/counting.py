"""From a run to a release: link maps and service records in, released tables out. Raw counts never leave this call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from linkage.disclosure.ledger import PastRelease, basis_of, tables_told
from linkage.disclosure.protect import Protected, protect
from linkage.errors import BadInput, WrongAgreement
from linkage.events import gather_events
from linkage.heeding import heeded
from linkage.link_detail import NO_DETAIL, LinkDetail
from linkage.link_map import LinkMap, people_of
from linkage.linkage_error.adjust import adjust, draw_people
from linkage.linkage_error.coverage import estimate_coverage
from linkage.linkage_error.link_rates import LinkRates, rates_from
from linkage.member_folder import MemberFolder, read_member_services
from linkage.pathways.count_tables import count_tables
from linkage.pathways.plan import plan_of
from linkage.pathways.recount import recount
from linkage.release.release_files import PLAIN, Checks, Formats, manifest_of, release_files, write_files
from linkage.run_folder import FILE_NAME, RunFolder
from schemas import Agreement, Services
from schemas.agreement import State
from schemas.bands import band
from schemas.console import SILENT, Progress
from schemas.digest import sha256_of_file
from schemas.tables import MADE_OF, TABLE_LEVELS, sources_missing

_ASKED_FOR = frozenset({"contains_path", "grouped_pathway"})
_DIGITS = 3  # of shares by the score model, whose errors are larger
_STEPS = 3  # events, counts, disclosure: what the progress counts, and one for each other cut


def count_release(
    agreement: Agreement,
    members: Sequence[str],
    services: Sequence[Services],
    link_maps: Sequence[LinkMap],
    progress: Progress = SILENT,
    *,
    detail: LinkDetail = NO_DETAIL,
    rates: LinkRates | None = None,
    run: str = "",
    people: str = "",
    earlier: Sequence[PastRelease] = (),
) -> Protected:
    """Count the pathways of a run, and give the tables that passed disclosure control, and what was checked.

    Nothing is read or written. The raw counts are gone when this returns.

    Args:
        agreement: what the members approved.
        members: those that delivered, each once; any order.
        services: each one's service records, in the order of `members`.
        link_maps: each one's link map of one run, in that order.
        progress: told of the steps; what it raises ends the work.
        run: digest of that run; with it, earlier releases of the same run are known to be of the same people.
        people: digest of whom of that run is counted; "" where it is everybody.
        earlier: earlier releases of the same project, whose numbers somebody may have.
        detail: what the linker kept beside the link maps; without it no count has a low and a high, and `link_quality`
            tells neither how full records are nor how pairs score.
        rates: how good the links of the run are, as its facts say; without them no count has an estimate.

    Raises:
        BadInput: not one item a member, or shapes that do not fit.
        MemberNotNamed: the agreement does not name a member.
        UnlinkedServices, WrongAgreement: service records that are not of this run.
        WrongAgreement: a table is asked for without the one that it is made of.
        ReleaseRefused: disclosure control cannot make the tables safe.
    """
    if not len(set(members)) == len(members) == len(services) == len(link_maps):
        raise BadInput("counting needs services and a link map for each member, each once")
    order = sorted(range(len(members)), key=members.__getitem__)
    maps = [link_maps[at] for at in order]
    # Members that delivered nothing are not counted: a 0 would say that they were, and served nobody.
    asked = replace(agreement, members=tuple(agreement.require_member(members[at]) for at in order))
    require_sources(asked)
    counted = replace(asked, tables=tuple(name for name in asked.tables if name not in MADE_OF))
    persons, facts = detail.persons_of(counted.members), detail.facts_of(counted.members)
    with progress.stage("counting", _STEPS + len(persons)) as advance:
        tokens = [one.tokens for one in maps]
        served = [services[at] for at in order]
        events = heeded(lambda: gather_events(counted, served, tokens, people_of(maps)), advance)
        advance(1)
        plan = replace(plan_of(counted), tables=tables_to_count(counted, earlier))
        raw = heeded(lambda: count_tables(events, plan, facts), advance)
        advance(1)
        recount(raw, events, plan, persons, facts, advance)
        basis = basis_of(counted, run, counted.members, people) if run else None
        released = protect(raw, counted, basis=basis, ledger=earlier, rounding_key=rounding_key(maps), advance=advance)
        advance(1)
    return with_estimates(released, asked, rates)


def with_estimates(released: Protected, asked: Agreement, rates: LinkRates | None) -> Protected:
    """Estimates beside the counts, where it is known how good links are and members are what is counted.

    They are made of what was released and of nothing else, so they give nothing away. So is `coverage_estimate`, which
    is there, if it is asked for, also where nothing can be estimated: it says so.
    """
    made, drawn = dict(released.tables), None
    if rates is not None and asked.state is State.MEMBER:
        drawn = draw_people(made, rates, asked.members, asked.minimum_cell)
    if "coverage_estimate" in asked.tables:
        made["coverage_estimate"] = estimate_coverage(made["overlap_pairs"], drawn)
    if drawn is not None:
        made = adjust(made, drawn)
    return replace(released, tables={name: made[name] for name in TABLE_LEVELS if name in made})


def require_sources(agreement: Agreement) -> None:
    """What a table is made of is released with it. Raises WrongAgreement where it is not."""
    for table, source in sources_missing(agreement.tables):
        fix = f"release {source} beside it, or leave {table} out"
        raise WrongAgreement(f"table {table} is made of {source}", where=agreement.project, fix=fix)


def tables_to_count(agreement: Agreement, earlier: Sequence[PastRelease]) -> tuple[str, ...]:
    """The agreement's tables, and those of earlier releases that it could have: what they told is part of the check.

    A table of its own pathways or groups that is not in this agreement is not: its rows are asked for by an agreement.
    Nor is one that is made of another: it tells nothing that the other does not.
    """
    told = tables_told(earlier) - _ASKED_FOR
    return tuple(
        name
        for name, level in TABLE_LEVELS.items()
        if name not in MADE_OF and (name in agreement.tables or (name in told and agreement.level.allows(level)))
    )


def tables_chosen(agreement: Agreement, chosen: Sequence[str]) -> Agreement:
    """The agreement with only these of its tables; with all where none is chosen.

    Its digest stays: what is released under it is less than it allows.

    Raises:
        WrongAgreement: it does not allow one of them.
    """
    if more := sorted(set(chosen) - set(agreement.tables)):
        raise WrongAgreement(
            f"the agreement does not allow table {', '.join(more)}",
            where=agreement.project,
            fix=f"it allows {', '.join(agreement.tables)}",
        )
    return replace(agreement, tables=tuple(name for name in agreement.tables if name in chosen or not chosen))


def checks_of(released: Protected, agreement: Agreement) -> Checks:
    """What a release's manifest and report say of disclosure control."""
    return Checks(released.checked, released.not_checked, agreement.policy)


def rounding_key(link_maps: Sequence[LinkMap]) -> bytes:
    """What a policy draws from that rounds at random: the same for one run; nobody knows it who lacks a link map."""
    whole = hashlib.sha256()
    for link_map in link_maps:
        whole.update(link_map.link_ids.tobytes())
    return whole.digest()


def facts_of_release(
    run_facts: Mapping[str, Any], run_digest: str, earlier: Sequence[PastRelease] = ()
) -> dict[str, Any]:
    """What a release's manifest says of the run behind it, and of the releases before it.

    Args:
        run_facts: what `run_folder.facts_of_run` made.
        run_digest: SHA-256 of these facts as they were written down.
        earlier: the earlier releases that the check knew.
    """
    absent = run_facts["members_without_encodings"]
    return {
        "waylink_version": version("waylink"),
        "run_digest": run_digest,
        "threshold": _threshold_told(run_facts["threshold"]),
        "links": run_facts.get("links"),
        **({"recuts": run_facts["recuts"]} if "recuts" in run_facts else {}),
        "members": [{"name": name, "records": band(one["records"])} for name, one in run_facts["members"].items()],
        "warnings": [f"{name} delivered nothing and is not counted" for name in absent],
        "approvals_known": "no: counted from files, and the members' votes are not in them",
        "earlier_releases": names_of(earlier),
        "software": run_facts["software"],
    }


def names_of(earlier: Sequence[PastRelease]) -> list[str]:
    """What a manifest calls earlier releases: the SHA-256 of their manifests."""
    return [one.manifest_sha256 for one in earlier]


def _threshold_told(threshold: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of the threshold. Numbers that are nearly counts of pairs are bands or have few digits."""
    told = {name: round(one, _DIGITS) if isinstance(one, float) else one for name, one in threshold.items()}
    if (matches := threshold.get("expected_matches")) is not None:
        told["expected_matches"] = band(round(matches))
    return told


def release_run(
    draft: Path,
    run: RunFolder,
    agreement: Agreement,
    folders: Sequence[MemberFolder],
    progress: Progress,
    formats: Formats = PLAIN,
    *,
    tables: Sequence[str] = (),
    earlier: Sequence[PastRelease] = (),
) -> dict[str, Any]:
    """Count the pathways of a run and write its release into a folder; gives back the manifest.

    Args:
        draft: an empty folder that the caller makes appear whole.
        run: what `waylink link` wrote, proven to be of these folders.
        folders: the members' folders.
        progress: told of the steps.
        formats: which files are written.
        tables: which of the agreement's tables; all where none is named.
        earlier: earlier releases of the same project.

    Raises:
        UnlinkedServices, WrongAgreement, ReleaseRefused: see `count_release`.
    """
    delivered = sorted(folders, key=lambda folder: folder.member)
    members = [folder.member for folder in delivered]
    services = [read_member_services(folder, agreement) for folder in delivered]
    chosen, digest = tables_chosen(agreement, tables), sha256_of_file(run.path / FILE_NAME)
    maps = [run.link_maps[name] for name in members]
    rates = rates_from(run.facts.get("links"))
    given = (chosen, members, services, maps, progress)
    released = count_release(*given, detail=run.detail, rates=rates, run=digest, earlier=earlier)
    facts = facts_of_release(run.facts, digest, earlier)
    files = release_files(released.tables, chosen, facts, formats, checks=checks_of(released, chosen))
    write_files(draft, files)
    return manifest_of(files)
