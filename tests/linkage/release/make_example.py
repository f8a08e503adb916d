"""Write `examples/release`, the release of simulated people that the analyst's guide and the dbt example read.

python -m tests.linkage.release.make_example
"""

from __future__ import annotations

import shutil
from pathlib import Path

from linkage.release.release_files import Formats, release_files, write_files
from tests.linkage.release.examples import CHECKS, FACTS, agreement, every_table

FOLDER = Path(__file__).parents[3] / "examples" / "release"
TABLES = ("unduplicated", "set_pathway", "ordered_pathway", "first_touch")


def example_files() -> dict[str, bytes]:
    """The files, without Parquet: its bytes are those of one version of pyarrow."""
    tables = {name: every_table()[name] for name in TABLES}
    return release_files(tables, agreement(), FACTS, Formats(parquet=False), checks=CHECKS)


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    write_files(FOLDER, example_files())
