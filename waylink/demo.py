"""The demo: the whole main job on the example co-op, with the same functions that the commands call."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linkage.packages import require_packages
from schemas.agreement import Agreement, load_agreement
from schemas.console import Console
from schemas.errors import FileMissing, OutputExists
from waylink.score import score_run
from waylink.show import show_tables

MARK = ".waylink-demo"  # a folder with this file was made by the demo, and the demo may replace it
SHOWN_TABLES = ("set_pathway", "ordered_pathway")


@dataclass(frozen=True)
class DemoFolder:
    """Where the demo keeps its things: one folder, as five members, a co-op and an analyst would have them."""

    root: Path

    @property
    def secret(self) -> Path:
        """The members' secret."""
        return self.root / "secret.txt"

    @property
    def run(self) -> Path:
        """The linker's run."""
        return self.root / "run"

    @property
    def release(self) -> Path:
        """What is published."""
        return self.root / "release"

    def member(self, name: str) -> Path:
        """What one member wrote."""
        return self.root / "members" / name


def run_demo(out: Path, data: Path | None, console: Console) -> None:
    """Encode each member's own CSV, link, count, release, and compare with the truth.

    Args:
        out: a folder to write; one that an earlier demo wrote is replaced.
        data: a folder like `examples/coop` (None: the one that comes with waylink).
        console: where progress, tables and figures go.

    Raises:
        LinkingNotInstalled: waylink was installed as members need it who only encode.
        FileMissing: no example data.
        OutputExists: `out` is there and was not written by the demo.
    """
    require_packages()
    started = console.seconds()
    coop = data or example_coop()
    folder = fresh_folder(out)
    agreement = load_agreement(coop / "agreement.toml")
    _encode_members(coop, agreement, folder, console)
    figures = _link_and_release(coop, agreement, folder, console)
    figures["seconds"] = round(console.seconds() - started, 2)
    console.result(_told(figures, folder), figures)


def example_coop() -> Path:
    """The example co-op: in a checkout `examples/coop`, in an installed waylink beside this file."""
    here = Path(__file__).parent
    for place in (here.parent / "examples" / "coop", here / "coop"):
        if (place / "agreement.toml").is_file():
            return place
    raise FileMissing("the example co-op is not there", where=str(here / "coop"), fix="name a folder with --data")


def fresh_folder(out: Path) -> DemoFolder:
    """An empty folder for a demo, in place of what an earlier demo left; OutputExists if it is somebody else's."""
    if (out / MARK).is_file():
        shutil.rmtree(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputExists("is there and was not written by the demo", where=str(out), fix="name another with --out")
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).touch()
    return DemoFolder(out)


def _encode_members(coop: Path, agreement: Agreement, folder: DemoFolder, console: Console) -> None:
    from encoder.encode import encode_clients, write_folder
    from encoder.secret import new_secret, read_secret

    new_secret(folder.secret)
    secret = read_secret(folder.secret)
    for member in agreement.members:
        clients, services = (coop / f"{member}_{kind}.csv" for kind in ("clients", "services"))
        encoded = encode_clients(clients, agreement, member, secret, services=services, progress=console)
        receipt = write_folder(encoded, folder.member(member))
        warnings = sum(receipt["counts"]["warnings"].values())
        console.remark(f"{member}: {receipt['counts']['records_encoded']:,} records encoded, {warnings} cells left out")


def _link_and_release(coop: Path, agreement: Agreement, folder: DemoFolder, console: Console) -> dict[str, Any]:
    from linkage.cli import link_folders, release_pathways

    toml = coop / "agreement.toml"
    folders = [folder.member(member) for member in agreement.members]
    run = link_folders(toml, folders, folder.run, console)
    manifest = release_pathways(toml, folder.run, folders, folder.release, console)
    quality = score_run(coop / "truth.csv", folder.run, folders)
    return {
        "quality": quality.as_dict(),
        "threshold": run["threshold"],
        "counts": run["counts"],
        "selfcheck": run["selfcheck"],
        "tables": [table["name"] for table in manifest["tables"]],
        "report": str(folder.release / "report.html"),
    }


def _told(figures: dict[str, Any], folder: DemoFolder) -> str:
    quality, threshold = figures["quality"], figures["threshold"]
    against_truth = (
        f"against the truth: precision {quality['precision']:.4f}, recall {quality['recall']:.4f}, "
        f"F1 {quality['f1']:.4f}, set-pathway error {quality['set_pathway_error']:.4f}"
    )
    lines = (
        show_tables(folder.release, [name for name in SHOWN_TABLES if name in figures["tables"]]),
        f"threshold {threshold['value']:.2f} ({threshold['how']}: {threshold['why']})",
        f"checked again with anonlink: {figures['selfcheck']['pairs_checked']:,} pairs, all equal",
        against_truth,
        f"{figures['seconds']:.1f} s",
        f"report: {figures['report']}",
    )
    return "\n".join(lines)
