"""Make another co-op like `examples/coop`: other people or more noise, the same shape; for `waylink demo --data`.

    uv pip install pseudopeople==1.3.1 'setuptools<81'      (in an environment of its own: it brings much along)
    python -m benchmarks.make_coop --seed 7 --noise 4 OUT

Needs pseudopeople (BSD-3-Clause) and its sample population of simulated people. Who was served by whom and when is
taken from `examples/coop` with every person exchanged for another one; every cell is made noisy anew, `--noise` times
as often as pseudopeople's defaults.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

EXAMPLE = Path(__file__).parents[1] / "examples" / "coop"
DATE_FORMATS = {
    "shelter": "%Y-%m-%d",
    "clinic": "%m/%d/%Y",
    "training": "%m/%d/%Y",
    "pantry": "%d.%m.%Y",
    "school": "%Y%m%d",
}
CENSUS_DATE = "%m/%d/%Y"
FIELDS = ["first_name", "middle_initial", "last_name", "date_of_birth", "sex", "street_number", "street_name"]
COPIES = 2  # noisy copies of the population at each member: one for a person's first record, one for a duplicate
DATASET = "decennial_census"


@dataclass(frozen=True)
class Population:
    """The simulated people, with the noise that every copy of them gets."""

    seed: int
    noise: float

    def copy(self, number: int) -> pd.DataFrame:
        """A noisy copy, one row a person, by simulant id."""
        import pseudopeople

        people: pd.DataFrame = pseudopeople.generate_decennial_census(
            config=self._config(), seed=self.seed * 1000 + number, year=2020
        )
        return people.drop_duplicates("simulant_id").set_index("simulant_id")[FIELDS]

    def _config(self) -> dict[str, Any]:
        import pseudopeople

        config: dict[str, Any] = pseudopeople.get_config()
        config[DATASET]["row_noise"] = {"do_not_respond": {"row_probability": 0.0}}
        return {DATASET: _noisier(config[DATASET], self.noise)}


def make_coop(out: Path, population: Population) -> int:
    """Write the co-op's files into `out`; gives back the number of client records."""
    out.mkdir(parents=True)
    shutil.copy(EXAMPLE / "agreement.toml", out)
    truth = pd.read_csv(EXAMPLE / "truth.csv", dtype=str)
    rng = np.random.default_rng(population.seed)
    simulants = sorted(population.copy(0).index)
    old_people = truth["person"].unique()
    people = dict(zip(old_people, rng.choice(simulants, len(old_people), replace=False), strict=True))
    written = []
    for number, member in enumerate(DATE_FORMATS):
        copies = [population.copy(1 + COPIES * number + copy) for copy in range(COPIES)]
        written.append(_write_member(out, member, truth[truth["member"] == member], people, copies))
    pd.concat(written).to_csv(out / "truth.csv", index=False)
    return sum(map(len, written))


def _noisier(config: Mapping[str, Any], factor: float) -> dict[str, Any]:
    return {
        key: _noisier(value, factor)
        if isinstance(value, dict)
        else (min(value * factor, 1.0) if key == "cell_probability" else value)
        for key, value in config.items()
    }


def _write_member(
    out: Path, member: str, truth: pd.DataFrame, people: Mapping[str, str], copies: list[pd.DataFrame]
) -> pd.DataFrame:
    """Write a member's clients and services under the example's headers; gives back its part of the truth."""
    truth = truth.assign(simulant=truth["person"].map(people), copy=truth.groupby("person").cumcount() % COPIES)
    truth = truth[[s in copies[c].index for s, c in zip(truth["simulant"], truth["copy"], strict=True)]]
    rows = [copies[c].loc[s].tolist() for s, c in zip(truth["simulant"], truth["copy"], strict=True)]
    header = pd.read_csv(EXAMPLE / f"{member}_clients.csv", nrows=0).columns
    clients = pd.DataFrame(rows, columns=header[1:]).astype("object").where(lambda cell: cell.notna(), "")
    clients.insert(0, header[0], truth["client_id"].to_numpy())
    clients[header[4]] = [_as_member_writes(str(day), DATE_FORMATS[member]) for day in clients[header[4]]]
    clients.to_csv(out / f"{member}_clients.csv", index=False)
    services = pd.read_csv(EXAMPLE / f"{member}_services.csv", dtype=str)
    services[services["client_id"].isin(truth["client_id"])].to_csv(out / f"{member}_services.csv", index=False)
    return truth[["member", "client_id"]].assign(person=truth["simulant"])


def _as_member_writes(day: str, form: str) -> str:
    parsed = pd.to_datetime(day, format=CENSUS_DATE, errors="coerce")
    return day if pd.isna(parsed) else str(parsed.strftime(form))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="a new folder")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--noise", type=float, default=1.0, help="times pseudopeople's default")
    given = parser.parse_args()
    print(f"{make_coop(given.out, Population(given.seed, given.noise)):,} client records in {given.out}")
