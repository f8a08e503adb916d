"""People to measure with: made up, but with the frequencies of a real country's names and the slips of real lists.

First and last names come with their frequencies from the package `names` 0.3.0, which holds the name files of the US
Census Bureau (1990). All other shares here are made up, in the order of size that lists of clients have. What makes
comparing hard is in it: common names in common, families at one address, birthdays on the first of January, empty
cells. Texts are as the encoder's cleaning leaves them: lower case, dates as YYYYMMDD.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from encoder.distinct import Distinct

FIELDS = ("first_name", "middle_initial", "last_name", "birth_date", "sex", "street_number", "street_name")
"""The fields of the preset person-v1, in its order."""

People = dict[str, Distinct]
"""A column for each of FIELDS, all of n rows; an empty text where nothing is known."""

Codes = NDArray[np.int32]
_Text = Callable[[str], str]

LAST_DAY = np.datetime64("2026-01-01", "D")  # nobody was born later
DECADES = (0.12, 0.13, 0.14, 0.14, 0.12, 0.12, 0.11, 0.08, 0.03, 0.01)  # share of people aged 0-9, 10-19, ... 90-99
DAYS_A_DECADE = 3652
NEW_YEAR = 0.02  # share with the birthday 1 January: entered where the day is not known
HOUSEHOLDS = (0.29, 0.33, 0.15, 0.13, 0.07, 0.03)  # share of households of one person, of two, ...
OWN_NAME = 0.25  # share of people with another last name than their household's
FEMALE = 0.51
MOST_HOUSE_NUMBER = 9999
NAMED_AFTER_PEOPLE = 0.5  # share of streets named after somebody; the rest have the names below
STREET_NAMES_OF_PEOPLE = 2000  # how many last names streets have
STREET_WORDS = (
    "main second third first oak fourth park fifth maple pine sixth cedar elm view washington lake hill walnut spring "
    "ridge church willow mill river sunset railroad cherry highland meadow forest center valley dogwood hickory school "
    "north south west east"
)
STREETS = STREET_WORDS.split()
STREET_KINDS = {"street": 0.3, "avenue": 0.2, "road": 0.14, "drive": 0.14, "lane": 0.1, "court": 0.07, "way": 0.05}

MISSING = {"first_name": 0.005, "middle_initial": 0.4, "last_name": 0.005, "birth_date": 0.02, "sex": 0.02}
NO_ADDRESS = 0.08  # neither house number nor street
NICKNAMED = 0.08  # of those whose name has a short form below
RENAMED = 0.015  # another last name than at birth
MOVED = 0.1
MISSPELT = {"first_name": 0.02, "last_name": 0.025, "street_name": 0.02, "street_number": 0.01}
MISDATED = 0.012
MOST_NOISE = 0.6  # however noisy a list is, most people have a field
LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
SHORT_FORMS = (
    "robert=bob william=bill richard=dick thomas=tom charles=charlie joseph=joe daniel=dan matthew=matt "
    "anthony=tony donald=don steven=steve andrew=andy joshua=josh kenneth=ken timothy=tim edward=ed james=jim "
    "john=jack michael=mike david=dave christopher=chris ronald=ron jeffrey=jeff nicholas=nick benjamin=ben "
    "samuel=sam gregory=greg patricia=pat jennifer=jenny elizabeth=liz susan=sue jessica=jess margaret=peggy "
    "kimberly=kim deborah=deb rebecca=becky kathleen=kathy christine=chris samantha=sam katherine=kate "
    "pamela=pam catherine=cathy cynthia=cindy barbara=barb theresa=terry virginia=ginny"
)
NICKNAMES = dict(pair.split("=") for pair in SHORT_FORMS.split())


@dataclass(frozen=True, eq=False)
class Weighted:
    """Texts, and the share of people who have each."""

    texts: list[str]
    share: NDArray[np.float64]

    def draw(self, rng: Generator, count: int) -> Codes:
        """int32 (count,): which text each has."""
        return rng.choice(len(self.texts), count, p=self.share / self.share.sum()).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Names:
    """What people and streets are called; `male` and `female` weigh the same list of texts."""

    male: Weighted
    female: Weighted
    last: Weighted
    streets: Weighted


def read_names() -> Names:
    """The frequencies of the package `names`, and streets made from its last names.

    Raises:
        ModuleNotFoundError: the package is not installed (`names==0.3.0`).
    """
    try:
        files = resources.files("names")
    except ModuleNotFoundError:
        raise ModuleNotFoundError("people need the package names: install names==0.3.0", name="names") from None
    male, female, last = (_read_shares((files / f"dist.{kind}").read_text(encoding="ascii")) for kind in _NAME_FILES)
    firsts = sorted(male | female)
    weighed = [Weighted(firsts, np.array([one.get(text, 0.0) for text in firsts])) for one in (male, female)]
    lasts = Weighted(list(last), np.array(list(last.values())))
    return Names(weighed[0], weighed[1], lasts, _streets(lasts))


def draw_people(rng: Generator, names: Names, count: int) -> People:
    """People as they are, without a slip: families share an address and mostly a last name; neighbours by row."""
    sizes = rng.choice(len(HOUSEHOLDS), count, p=np.array(HOUSEHOLDS)) + 1  # more than enough households
    home = np.repeat(np.arange(count), sizes)[:count]
    female = rng.random(count) < FEMALE
    first = np.where(female, names.female.draw(rng, count), names.male.draw(rng, count)).astype(np.int32)
    own = rng.random(count) < OWN_NAME
    last = np.where(own, names.last.draw(rng, count), names.last.draw(rng, count)[home]).astype(np.int32)
    return {
        "first_name": Distinct(names.male.texts, first),
        "middle_initial": _initials(names.female.texts, names.female.draw(rng, count)),
        "last_name": Distinct(names.last.texts, last),
        "birth_date": _birthdays(rng, count),
        "sex": Distinct(["m", "f"], female.astype(np.int32)),
        "street_number": _pick(_house_numbers(rng, count), home),
        "street_name": Distinct(names.streets.texts, names.streets.draw(rng, count)[home]),
    }


def take(people: People, rows: NDArray[np.integer]) -> People:
    """Some of the people, in the order of `rows`."""
    return {field: _pick(column, rows) for field, column in people.items()}


def write_down(rng: Generator, names: Names, people: People, noise: float = 1.0) -> People:
    """A member's records of these people: with nicknames, slips, old names, new addresses and empty cells.

    With `noise`, all of these so many times as often, up to MOST_NOISE of the records (or the usual share, if more).
    """
    record = dict(people)
    count = len(people["sex"].codes)

    def some(share: float) -> NDArray[np.intp]:
        return np.flatnonzero(rng.random(count) < min(share * noise, max(share, MOST_NOISE)))

    record["first_name"] = _rewrite(record["first_name"], some(NICKNAMED), lambda text: NICKNAMES.get(text, text))
    record["last_name"] = _redraw(record["last_name"], some(RENAMED), names.last.draw, rng)
    moved = some(MOVED)
    record["street_name"] = _redraw(record["street_name"], moved, names.streets.draw, rng)
    elsewhere = _house_numbers(rng, len(moved))
    record["street_number"] = _replace(record["street_number"], moved, [elsewhere.texts[c] for c in elsewhere.codes])
    for field, share in MISSPELT.items():
        letters = DIGITS if field == "street_number" else LETTERS
        record[field] = _rewrite(record[field], some(share), partial(misspell, rng, letters=letters))
    record["birth_date"] = _rewrite(record["birth_date"], some(MISDATED), partial(misdate, rng))
    for field, share in MISSING.items():
        record[field] = _rewrite(record[field], some(share), lambda _: "")
    homeless = some(NO_ADDRESS)
    for field in ("street_number", "street_name"):
        record[field] = _rewrite(record[field], homeless, lambda _: "")
    return record


def misspell(rng: Generator, text: str, letters: str = LETTERS) -> str:
    """One slip of the keyboard: a letter too few, too many, wrong, or two in the wrong order."""
    place, slip = int(rng.integers(len(text))), int(rng.integers(4))
    letter = letters[rng.integers(len(letters))]
    before, here, after = text[:place], text[place : place + 1], text[place + 1 :]
    changed = (before + after, before + letter + here + after, before + letter + after)
    return (*changed, before + after[:1] + here + after[1:])[slip] or text


def misdate(rng: Generator, text: str) -> str:
    """One slip in a date YYYYMMDD, which stays a date: day and month exchanged, another year, or another day."""
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    slip = rng.integers(3)
    if slip == 0 and day <= 12:  # as months go
        month, day = day, month
    elif slip == 1:
        year += int(rng.choice((-10, -1, 1, 10)))
    else:
        day = int(rng.integers(1, 29))  # a day that every month has
    return f"{year:04}{month:02}{min(day, 28) if slip == 1 else day:02}"


_NAME_FILES = ("male.first", "female.first", "all.last")


def _read_shares(text: str) -> dict[str, float]:
    """Lines of name, share in per cent, running sum, rank."""
    return {line.split()[0].lower(): float(line.split()[1]) for line in text.splitlines()}


def _streets(lasts: Weighted) -> Weighted:
    """Every street name with every kind of street; common ones follow Zipf's law."""
    zipf = 1.0 / np.arange(1, len(STREETS) + 1)
    people = lasts.share[:STREET_NAMES_OF_PEOPLE]
    share = np.concatenate([(1 - NAMED_AFTER_PEOPLE) * zipf / zipf.sum(), NAMED_AFTER_PEOPLE * people / people.sum()])
    total: dict[str, float] = {}
    for word, its_share in zip([*STREETS, *lasts.texts[:STREET_NAMES_OF_PEOPLE]], share.tolist(), strict=True):
        total[word] = total.get(word, 0.0) + its_share  # Hill and Park are in both
    texts = [f"{word} {kind}" for word in total for kind in STREET_KINDS]
    return Weighted(texts, np.outer(list(total.values()), list(STREET_KINDS.values())).reshape(-1))


def _initials(firsts: Sequence[str], middle: Codes) -> Distinct:
    """The first letters of middle names."""
    letters = sorted({text[0] for text in firsts})
    place = np.array([letters.index(text[0]) for text in firsts], np.int32)
    return Distinct(letters, place[middle])


def _birthdays(rng: Generator, count: int) -> Distinct:
    decade = rng.choice(len(DECADES), count, p=np.array(DECADES))
    age = (decade + rng.random(count)) * DAYS_A_DECADE
    day = LAST_DAY - 1 - age.astype("timedelta64[D]")
    unknown = rng.random(count) < NEW_YEAR
    day[unknown] = day[unknown].astype("datetime64[Y]")
    days, codes = np.unique(day, return_inverse=True)
    return Distinct([str(one).replace("-", "") for one in days], codes.astype(np.int32))


def _house_numbers(rng: Generator, count: int) -> Distinct:
    """Small ones are common: every order of size is as likely as another."""
    number = np.exp(rng.random(count) * np.log(MOST_HOUSE_NUMBER)).astype(np.int64)
    numbers, codes = np.unique(number, return_inverse=True)
    return Distinct([str(one) for one in numbers], codes.astype(np.int32))


def _pick(column: Distinct, rows: NDArray[np.integer]) -> Distinct:
    return Distinct(column.texts, column.codes[rows])


def _redraw(
    column: Distinct, rows: NDArray[np.intp], draw: Callable[[Generator, int], Codes], rng: Generator
) -> Distinct:
    """Other texts of the same list in some rows."""
    codes = column.codes.copy()
    codes[rows] = draw(rng, len(rows))
    return Distinct(column.texts, codes)


def _rewrite(column: Distinct, rows: NDArray[np.intp], change: _Text) -> Distinct:
    """Change the texts of some rows; empty ones stay empty."""
    old = [column.texts[code] for code in column.codes[rows]]
    return _replace(column, rows, [change(text) if text else text for text in old])


def _replace(column: Distinct, rows: NDArray[np.intp], new: Sequence[str]) -> Distinct:
    place = {text: code for code, text in enumerate(column.texts)}
    codes = column.codes.copy()
    codes[rows] = np.fromiter((place.setdefault(text, len(place)) for text in new), np.int32, len(new))
    return Distinct(list(place), codes)
