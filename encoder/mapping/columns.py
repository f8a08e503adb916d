"""The member's columns -> the linkage schema's fields, the client id and the columns of services.

By name where a header is a known one; by what the values look like where names leave more than one; and what is still
unsure is asked. Nobody there to be asked, it is a problem, which names what may be meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from encoder import problems as rules
from encoder.fields import CLIENT_ID, END, SOURCES, START, SYNONYMS, known_field, letters_of
from encoder.mapping.mapper import Mapper
from encoder.mapping.questions import Choice, Question
from encoder.mapping.shapes import fit, full_share, shape_of, shapes_of
from encoder.problems import Problems, Rule
from encoder.reading.table import Table

_NOT_ASKED, _NAMES, _A_RECORD = "not asked", "column names", "a record"
NOT_HELD = ""
"""In place of a header: the member does not hold the field."""

_BY_NAME = 2.0  # a known name weighs more than any look
_CLEAR = 0.9  # a look or a name's likeness from which on a guess is one
_LEAD = 0.4  # and by how much it has to be ahead of the next
_ALIKE = 0.8  # share of letters in common from which on two headers are alike: "Frist Name"
_SHOWN = 12  # choices; a terminal has some 24 lines
_NAMED = 3  # guesses that a problem names
_VALUES = 5  # shown of a column, to the steward who asks for them
_NOBODY_WITHOUT = (CLIENT_ID, START, END)  # fields that every file must have
_IN_WORDS = {
    CLIENT_ID: "the client's id",
    START: "the day a service began",
    END: "the day a service ended",
    "service": "the service's name",
}


@dataclass
class _Search:
    """What is looked for in one table, and what was found so far.

    Attributes:
        table: the member's.
        name: the mapping file's table for it.
        given: field -> header, by that table.
        wanted: the fields.
        found: field -> header, or NOT_HELD.
        first_row_is: column names or a record, as the steward says where no name in it is a known one.
    """

    table: Table
    name: str
    given: Mapping[str, str]
    wanted: Sequence[str]
    found: dict[str, str] = field(default_factory=dict)
    first_row_is: str = _NOT_ASKED

    @property
    def free(self) -> list[str]:
        """Headers that are no field's yet, and that the mapping file gives to none."""
        taken = {letters_of(header) for header in (*self.found.values(), *self.given.values())}
        return [header for header in self.table.headers if letters_of(header) not in taken]

    @property
    def is_named(self) -> bool:
        """Whether the first row is one of column names for sure: one of them is a known one."""
        names = {letters_of(name) for name in self.wanted}
        return any(known_field(header) or letters_of(header) in names for header in self.table.headers)

    def note(self, rule: Rule, detail: str, problems: Problems) -> None:
        """Note a problem of the header's row."""
        problems.add(rule, self.table.name, rows=[self.table.header_row], detail=detail)

    def told(self) -> str:
        """The headers there are. If none is known, the first row may be a person, and is not repeated."""
        headers = self.table.headers
        return (
            f"the headers are {_listed(headers)}"
            if self.is_named
            else f"none of the {len(headers)} headers is a known one"
        )


def match_columns(
    table: Table,
    wanted: Sequence[str],
    mapper: Mapper,
    problems: Problems,
    *,
    of: str = "columns",
    optional: Sequence[str] = (),
) -> dict[str, str]:
    """Find each wanted field's header: as given, of the same name, by a known name, by its values, or by asking.

    Names are compared without case, spaces and signs. Notes a problem for a field that has no header, and for one
    that more than one header may be, or whose header another field has; such fields are left out of the answer.

    Args:
        table: the member's.
        wanted: fields.
        mapper: what the mapping file says; who is asked; takes the answers.
        problems: takes the notes.
        of: the mapping file's table for this file: columns or services.
        optional: fields that need not be there: they are not asked for.

    Returns:
        field -> header; "" for a field that the member says it does not hold.
    """
    search = _Search(table, of, getattr(mapper.given, of), wanted)
    named = {name: _named(table.headers, name, search.given) for name in wanted}
    claims = Counter(found[0] for found in named.values() if len(found) == 1 and found[0])
    for name, found in named.items():
        if len(found) == 1 and claims[found[0]] <= 1:
            search.found[name] = found[0]
    for name in wanted:
        if name not in search.found:
            _settle(search, name, named[name], mapper, problems, required=name not in optional)
        elif search.found[name] == NOT_HELD:
            _ask_of_new(search, name, mapper, problems)
    if search.is_named:
        mapper.see(of, table.headers)
    return search.found


def whole_columns(headers: Sequence[str], fields: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """The fields that have no column of their own but are part of another: field -> what that column holds.

    A column of whole names has first and last names in it, an address its street, a social security number its last
    four digits.
    """
    parts = {}
    for name in fields:
        if name not in given and not _named(headers, name, given):
            sources = (source for source in SOURCES.get(known_field(name), ()) if _named(headers, source, given))
            source = next(sources, "")
            if source:
                parts[name] = source
    return parts


def _settle(
    search: _Search, name: str, named: Sequence[str], mapper: Mapper, problems: Problems, *, required: bool
) -> None:
    """Find one field's header by the looks of values or by asking; note a problem where that does not help."""
    if name in search.given:
        _ask_again(search, name, mapper, problems)
        return
    free = [header for header in named if header in search.free]
    fitting = [header for header in free if fit(name, search.table.column(header)) > 0]
    if len(fitting) == 1:
        search.found[name] = fitting[0]
    elif required or named:
        _ask(search, name, named, mapper, problems)


def _ask_again(search: _Search, name: str, mapper: Mapper, problems: Problems) -> None:
    """Ask where a field is whose header, by the mapping file, is not there any more."""
    gone = "the mapping file names a header that is not there"
    if not _learned(search, name, _named(search.table.headers, name, {}), mapper, why=f" ({gone})"):
        search.note(rules.MISSING_COLUMN, f"'{name}': {gone}; {search.told()}", problems)


def _ask_of_new(search: _Search, name: str, mapper: Mapper, problems: Problems) -> None:
    """Ask of a field that the member did not hold and that a new column may be; note it if nobody answers."""
    new = mapper.new_of(search.name, search.table.headers)
    likely = [header for header in _named(new, name, {}) if header in search.free]
    if likely and not _learned(search, name, likely, mapper, why=" (new; the mapping file says that you hold none)"):
        detail = f"'{name}' may be {_listed(likely)}"
        search.note(rules.NEW_COLUMN, detail, problems)


def _learned(search: _Search, name: str, named: Sequence[str], mapper: Mapper, *, why: str = "") -> bool:
    """Ask which column a field is, and take the answer; False where nobody can say."""
    scored = _scored(search, name, named)
    question = _question(search.table, name, scored, why)
    place = mapper.ask(question) if search.is_named or _are_names(search, mapper) else None
    if place is None:
        return False
    header = scored[place][0] if place < len(scored) else NOT_HELD
    search.found[name] = header
    mapper.learn(search.name, name, header)
    return True


def _ask(search: _Search, name: str, named: Sequence[str], mapper: Mapper, problems: Problems) -> None:
    if _learned(search, name, named, mapper):
        return
    if named:
        search.note(rules.UNCLEAR_COLUMN, f"'{name}': {_listed(named)}", problems)
    else:
        scored = _scored(search, name, named)[:_NAMED]
        likely = [header for header, score in scored if score >= _ALIKE and search.is_named]
        guess = f" by its values it may be {_listed(likely)};" if likely else ""
        detail = f"'{name}';{guess} {search.told()}"
        search.note(rules.MISSING_COLUMN, detail, problems)


def _scored(search: _Search, name: str, named: Sequence[str]) -> list[tuple[str, float]]:
    """The columns that are still free, the likeliest first, each with how likely it is."""
    scores = {
        header: _BY_NAME * (header in named) + _likeness(name, header) + fit(name, search.table.column(header))
        for header in search.free
    }
    return sorted(scores.items(), key=lambda one: -one[1])[:_SHOWN]


def _question(table: Table, name: str, scored: Sequence[tuple[str, float]], why: str) -> Question:
    choices = [_choice(table, header) for header, _ in scored]
    if name not in _NOBODY_WITHOUT:
        choices.append(Choice("none: we do not hold it"))
    best, second = (*(score for _, score in scored), 0.0, 0.0)[:2]
    what = _IN_WORDS.get(name, f"'{name}'")
    return Question(
        f"Which column of {table.name} is {what}?{why}", choices, clear=best >= _CLEAR and best - second >= _LEAD
    )


def _choice(table: Table, header: str) -> Choice:
    column = table.column(header)
    shapes = ", ".join(shape for shape, _ in shapes_of(column)) or "empty"
    values = [text for text in column.texts if text.strip()][:_VALUES]
    return Choice(f"{header}   ({full_share(column):.0%} filled: {shapes})", lambda: values)


def _likeness(name: str, header: str) -> float:
    """How alike a header and the field's known names are written; 0 under _ALIKE."""
    letters = letters_of(header)
    known = (letters_of(name), *SYNONYMS.get(known_field(name), "").split())
    best = max((SequenceMatcher(None, letters, word).ratio() for word in known), default=0.0)
    return best if best >= _ALIKE else 0.0


def _named(headers: Sequence[str], name: str, given: Mapping[str, str]) -> list[str]:
    """The headers that may be a field by their names: the given one, those of the same name, those of a known name."""
    if name in given:
        wanted = given[name].strip()
        exact = [header for header in headers if header == wanted]
        return (
            exact or [header for header in headers if letters_of(header) == letters_of(wanted)]
            if wanted
            else [NOT_HELD]
        )
    same = [header for header in headers if letters_of(header) == letters_of(name)]
    if same:
        return same
    kind, others = known_field(name), {letters_of(header) for header in given.values()}
    return [header for header in headers if kind and known_field(header) == kind and letters_of(header) not in others]


def _are_names(search: _Search, mapper: Mapper) -> bool:
    """Ask, once, whether a first row without a known column name is a person's record; its cells are not shown."""
    if search.first_row_is == _NOT_ASKED:
        name, shapes = search.table.name, ", ".join(map(shape_of, search.table.headers[:_SHOWN]))
        text = f"No column name of {name} is a known one. Does its first row hold column names? It looks like: {shapes}"
        place = mapper.ask(Question(text, [Choice(f"yes, {_NAMES}"), Choice(f"no, {_A_RECORD}")]))
        search.first_row_is = _NAMES if place == 0 else _A_RECORD
    return search.first_row_is == _NAMES


def _listed(headers: Sequence[str]) -> str:
    return ", ".join(f"'{header}'" for header in headers)
