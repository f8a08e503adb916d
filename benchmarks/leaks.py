"""Encodes many random client lists, and looks for every value in all that leaves: the encoder's scan, and a plain one.

python -m benchmarks.leaks [files, 10,000 where nothing is said]
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
from pathlib import Path

from encoder.encode import encode_clients, write_folder
from encoder.errors import LeakFound
from encoder.secret import Secret
from schemas.agreement import Agreement, load_agreement

_HEADER = ("client_id", "first_name", "mi", "last_name", "birth_date", "sex", "house_no", "street")
_LETTERS = ("abcdefghijklmnopqrstuvwxyz", "áéíóúñçøåß", "абвгдежзиклмнопрст", "محمدعليفاطمة", "王芳李娜张伟刘洋")
_AGREEMENT = """\
project = "Leaks"
purpose = "none"
members = ["a", "b"]
data_level = "membership"
tables = ["unduplicated"]
"""
_PLAIN = 8  # characters from which on a value is no chance hit among random bytes


def leaks(files: int, folder: Path, seed: int = 1) -> int:
    """How many of so many encodings held a value that may not leave."""
    (folder / "agreement.toml").write_text(_AGREEMENT)
    agreement = load_agreement(folder / "agreement.toml")
    rng = random.Random(seed)  # noqa: S311 (the same in every run is the point)
    return sum(_leaks(agreement, folder / f"{number}", rng) for number in range(files))


def _leaks(agreement: Agreement, place: Path, rng: random.Random) -> bool:
    rows = [_person(rng, number) for number in range(rng.randrange(1, 40))]
    with place.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([_HEADER, *rows])
    try:
        write_folder(encode_clients(place.with_suffix(".csv"), agreement, "a", Secret(rng.randbytes(32))), place)
    except LeakFound:
        return True
    left = b"".join(path.read_bytes() for path in place.iterdir() if path.is_file()).lower()
    return any(cell.lower().encode() in left for row in rows for cell in row if len(cell) >= _PLAIN)


def _person(rng: random.Random, number: int) -> tuple[str, ...]:
    letters = rng.choice(_LETTERS)

    def word() -> str:
        return "".join(rng.choices(letters, k=rng.randrange(2, 14))).title()

    born = f"{rng.randrange(1925, 2020)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    ids = rng.choice((f"{number}-{word()}", f"{rng.randrange(10**7)}{number:03}", f"C-{number:06}"))
    return (ids, word(), word()[:1], word(), born, rng.choice("mf"), str(rng.randrange(1, 9999)), f"{word()} st")


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        print(f"{leaks(many, Path(folder))} leaks in the encodings of {many:,} random client lists")
