"""Problems of a member's files: the catalogue of codes, one problem, and the list that collects them.

`docs/errors.md` is `error_page()`, word for word; a test compares them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from encoder.problem_list import Group

MAX_LISTED = 1_000
"""Nobody works through more lines than this; the rest are counted."""

_FIRST_ROWS = 5
"""Rows that a summary names: enough to find what they have in common; the list has the others."""

UNREADABLE_SHARE = 1 / 5
"""A column of which more cannot be read is the wrong column or the wrong format, not a column with typing errors."""


class Severity(StrEnum):
    """What a problem does: an error stops the encoding, a warning empties the cell or leaves the row out, a note says
    what was assumed of a file and stops nothing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Rule:
    """One entry of the catalogue.

    Attributes:
        code: E11 files, E12 columns and client ids, E13 cells, E14 services, E15 HMIS exports, E16 consent.
        severity: what the problem does without `--strict`.
        what: what is wrong; `{detail}` stands for names, counts and formats, never for a cell's value.
        fix: what to do about it.
    """

    code: str
    severity: Severity
    what: str
    fix: str


def _error(code: str, what: str, fix: str) -> Rule:
    return Rule(code, Severity.ERROR, what, fix)


def _warning(code: str, what: str, fix: str) -> Rule:
    return Rule(code, Severity.WARNING, what, fix)


def _note(code: str, what: str, fix: str) -> Rule:
    return Rule(code, Severity.NOTE, what, fix)


_EXPORT = "export the file again, as 'CSV UTF-8 (comma delimited)' in Excel"
_EMPTIED = "correct the cell at its source; until then the record goes on without it"
_EMPTY_IT = "empty the cell at its source, or fill it in; until then the record goes on without it"
_LEFT_OUT = "correct the row at its source; until then it is left out"
_MAPPING = (
    "run it in a terminal, where you are asked, or with --yes, which takes a guess that is sure; or write into "
    "mapping.toml, beside the clients' file: [columns] field = \"its header\" ([services] for the services' file)"
)

EMPTY_FILE = _error("E1101", "the file is empty", "export it again")
ENCODING_UNKNOWN = _error("E1102", "the file's letters are neither UTF-8, UTF-16 nor Windows' Western", _EXPORT)
NUL_BYTE = _error("E1103", "the file has NUL bytes: it is no text", _EXPORT)
NO_RECORDS = _error("E1104", "there is a header but no record under it", "export it again, with the records")
BLANK_HEADER = _error("E1105", "a header cell is blank ({detail})", "give the column a name, or remove it")
TWICE_HEADER = _error("E1106", "two columns have the same header", "give each column a name of its own")
RAGGED_ROW = _error(
    "E1107",
    "the row has not as many cells as the header ({detail})",
    "look for a delimiter in a cell that has no quotes",
)
BROKEN_QUOTES = _error("E1108", "the quotes from this row on do not close as CSV's have to", _EXPORT)
NO_HEADER = _error(
    "E1109",
    "the first row looks like a record, not like a header ({detail})",
    "put the columns' names in the first row",
)
NOT_A_TABLE = _error(
    "E1110",
    "the file is {detail}, and not a table",
    "open it in the program that made it, and save it as .xlsx or CSV UTF-8",
)
LOCKED = _error("E1111", "the file needs a password", "open it in Excel and save a copy without a password")
DAMAGED = _error("E1112", "the file is damaged or was cut off", "copy or export it again; see that Excel opens it")
TOO_LARGE = _error(
    "E1113", "the file unpacks to more than an export has", "copy the rows and columns with data into a new file"
)
NO_SUCH_SHEET = _error("E1114", "there is no such sheet; there are {detail}", "name one of them")
WHICH_SHEET = _error("E1115", "more than one sheet may be meant: {detail}", "name one: --sheet (--services-sheet)")
NO_SUCH_HEADER = _error("E1116", "the row that is to be the header has no text, or is not near the top", "count again")

WESTERN_ASSUMED = _note(
    "E1151", "the file is not UTF-8; its letters were read as Windows' Western (cp1252)", "see that names are right"
)
UTF16_ASSUMED = _note("E1152", "the file was read as UTF-16, though it does not say so", "see that names are right")
SHEET_FOUND = _note("E1153", "of several sheets, {detail} was read", "name another with --sheet (--services-sheet)")
HEADER_BELOW = _note(
    "E1154", "the header was found in this row; what is above it was passed over", "name its row with --header-row"
)
HEADER_AGAIN = _note("E1155", "the row repeats the header, and was passed over", "nothing, if it does")
FOOTER = _warning("E1156", "the row looks like totals or a report's foot, and was left out", "remove it at its source")
HIDDEN_ROWS = _note("E1157", "rows are hidden or filtered out ({detail}); they were read, too", "remove the wrong ones")
WHOLE_NUMBERS = _note("E1158", "the column's numbers end in '.0', which was left away", "nothing, if they are whole")
DAY_NUMBERS = _note(
    "E1159", "the column's dates are day numbers, and were read as the days that Excel shows", "see that they are right"
)

MISSING_COLUMN = _error("E1201", "no column for the field {detail}", _MAPPING)
UNCLEAR_COLUMN = _error("E1202", "more than one column may be the field {detail}", _MAPPING)
EMPTY_ID = _error("E1203", "the client id is empty", "give every record a client id")
TWICE_ID = _error(
    "E1204", "the client id is that of an earlier row, too", "keep one row a client id, or give each its own"
)
UNREADABLE_COLUMN = _error(
    "E1205",
    "more than a fifth of the column cannot be read ({detail})",
    'see that it is the right column; for dates, write their format in the mapping file: [dates] field = "%d.%m.%Y" '
    "([services] date_format for services)",
)
UNCLEAR_DATES = _error(
    "E1206",
    "whether the day or the month comes first cannot be told from the column's dates",
    'write the format in the mapping file: [dates] field = "%d/%m/%Y" ([services] date_format for services)',
)

UNCLEAR_CODES = _error(
    "E1207",
    "the column's codes may be HMIS's (0 female, 1 male) or ISO's (1 male, 2 female)",
    'write what each code means in the mapping file: [sex] "0" = "f" (m, f, x, or "" for not known)',
)
SHORT_YEARS = _error(
    "E1208",
    "the column's years have two digits, which do not say the century",
    "export them with four; in Excel: select the column, Format Cells, Custom, yyyy-mm-dd, and save again",
)
SERIAL_DAYS = _error(
    "E1209",
    "the column's dates are a spreadsheet's day numbers",
    "in Excel: select the column, Format Cells, Custom, yyyy-mm-dd, and save again",
)
ROUNDED_ID = _error(
    "E1210",
    "the client id is a number that a spreadsheet has rounded (1.23E+15): its last digits are lost",
    "export again and import the column as text; formatting it afterwards does not bring the digits back",
)

NEW_COLUMN = _note(
    "E1251",
    "the file has a new column for a field that, by the mapping file, you do not hold: {detail}",
    'if it is that field, write it into the mapping file: [columns] field = "its header"',
)

NOT_A_NAME = _warning("E1301", "the name has no letter", _EMPTIED)
NOT_AN_INITIAL = _warning("E1302", "the initial has no letter", _EMPTIED)
NOT_A_DATE = _warning("E1303", "the date does not exist or is not in the column's format ({detail})", _EMPTIED)
NOT_A_SEX = _warning("E1304", "the sex is none of the known words and codes", _EMPTIED)
NOT_A_NUMBER = _warning("E1305", "the house number has no digit", _EMPTIED)
NOT_A_STREET = _warning("E1306", "the street has no letter", _EMPTIED)
NOT_IN_FORMAT = _warning("E1307", "the cell does not fit the linkage schema's format for the field", _EMPTIED)
NOTHING_LEFT = _warning(
    "E1308",
    "nothing of the record can be hashed: it will match nobody",
    "is it a row of totals? remove it; else fill the record in",
)
PLACEHOLDER = _warning("E1309", "the cell holds a placeholder (unknown, test, 1900-01-01, 000-00-0000, ...)", _EMPTY_IT)
PARTLY_KNOWN = _warning(
    "E1310", "the date is known in part; its year, and its month if known, is used", "complete the date at its source"
)
NOT_AN_SSN = _warning("E1311", "the social security number is one that was never issued", _EMPTIED)
PART_OF_AN_SSN = _warning(
    "E1312",
    "the social security number is masked or has fewer than nine digits; only its last four can be used",
    "enter the whole number at its source, if you have it",
)
NOT_A_POSTCODE = _warning("E1313", "the postcode is none", _EMPTIED)
NOT_A_PHONE = _warning("E1314", "the telephone number has too few or too many digits", _EMPTIED)
NOT_A_MAIL = _warning("E1315", "the e-mail address is none", _EMPTIED)
NOT_A_TOWN = _warning("E1316", "the town has no letter", _EMPTIED)
LOST_LETTERS = _warning(
    "E1317",
    "letters of the cell were lost when the file was saved (\N{REPLACEMENT CHARACTER})",
    "export the file again, as 'CSV UTF-8 (comma delimited)' in Excel",
)
ONE_VALUE = _warning(
    "E1318",
    "one value fills more than a fifth of the column ({detail}): it may be a default",
    "where it stands for not known, empty these cells at the source: whoever has it looks alike",
)
CELL_ERROR = _warning("E1330", "the cell holds an error (#N/A, #REF!, ...)", _EMPTIED)
NO_VALUE = _warning(
    "E1331", "the cell's formula was never calculated: it has no value", "open the file in Excel, save it, encode again"
)
HASHED_ALREADY = _error(
    "E1332",
    "the column holds hashes, of which nothing can be linked",
    "export the plain values; waylink does the hashing, and they do not leave",
)

UNKNOWN_CLIENT = _warning("E1401", "the service's client id is not in the clients' file", _LEFT_OUT)
ENDS_BEFORE = _warning("E1402", "the service ends before it starts", _LEFT_OUT)
NO_START = _warning("E1403", "the service's start is empty or cannot be read", _LEFT_OUT)
BAD_END = _warning("E1404", "the service's end cannot be read", _LEFT_OUT)
NO_SERVICE_NAME = _warning("E1405", "the service has no name", _LEFT_OUT)
TOO_MANY_NAMES = _error(
    "E1406",
    "the service column has {detail} different names: it may not be one of services, and its names leave with the file",
    'name the right column in the mapping file: [services] service = "its header"',
)

PEOPLE_AS_NAMES = _error(
    "E1407",
    "the service column holds client ids or people's names, and its names leave with the file",
    'name the right column in the mapping file: [services] service = "its header"',
)
MOSTLY_UNKNOWN = _error(
    "E1408",
    "more than a fifth of the services are for clients who are not in the clients' file ({detail})",
    "see that both files write client ids alike (case, leading zeros, '.0' at the end) and are of the same time",
)

HASHED_EXPORT = _error(
    "E1501",
    "the export's names are hashed already (HashStatus is not 1): their encodings would match nobody",
    "export again with hashing turned off ('HashStatus' 1), for your own use only; waylink does the hashing",
)
VICTIM_SERVICES = _error(
    "E1502",
    "the organization is a victim service provider, whose clients no shared system may hold, not even encrypted",
    "export without this organization; if it is you: take part with no client-level data",
)
NO_SUCH_PART = _error("E1503", "the export has no {detail}", "export again with all files, as 'HMIS CSV'")
NO_SUCH_COLUMN = _error(
    "E1504", "the export's file has no such column", "export again, as 'HMIS CSV' of FY2024 or later"
)
TWO_EXPORTS = _error("E1505", "the archive holds more than one export", "put each in an archive of its own")
DELETED_ROWS = _note(
    "E1551", "{detail} deleted rows were left out (DateDeleted)", "nothing, if they are meant to be deleted"
)
FIELDS_NOT_HELD = _note("E1552", "HMIS does not hold {detail}: these fields stay empty", "nothing")

NO_CONSENT_COLUMN = _error(
    "E1601",
    "the column of consent that the mapping file names is not there ({detail})",
    "write its header into the mapping file: [consent] given (until)",
)
WHO_OPTED_OUT = _error(
    "E1602",
    "the list of those who opted out has neither a client id nor first name, last name and birth date",
    "give it a column of client ids, with your header for them",
)
NOBODY_MEANT = _error(
    "E1603",
    "the row does not say who opted out (no client id; or no first name, last name and whole birth date)",
    "complete the row, or remove it: until then somebody might be encoded who must not be",
)
NOBODY_LEFT = _error(
    "E1604", "nobody is left to encode: nobody consented, or all opted out", "see that [consent] names the right column"
)
NEITHER_YES_NOR_NO = _warning(
    "E1611", "the consent is neither yes nor no: the record is left out", "write yes or no at its source"
)
NO_END_OF_CONSENT = _warning(
    "E1612", "when consent ends cannot be read: the record is left out", "correct the date at its source"
)
UNUSED_CONSENT = _warning(
    "E1613",
    "the column may say who consents, and it is not used: everybody is encoded",
    'if it does, write it into the mapping file: [consent] given = "its header" (until for an end\'s date); '
    'if not: given = ""',
)
STRANGERS_OPTED_OUT = _note(
    "E1651", "{detail} on the list of those who opted out are not in the clients' file", "nothing, if they never were"
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""The whole catalogue, in the order of the codes."""


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        code, severity: see the catalogue.
        row: as Excel counts: the header is 1, the next record 2 (by record, quoted newlines or not); 0 for none.
        column: the column's header in the member's file ("" for none).
        what, fix: never with a cell's value.
        file: the file's name, without its folder.
    """

    code: str
    severity: Severity
    row: int
    column: str
    what: str
    fix: str
    file: str = ""

    def line(self) -> str:
        """The problem in one line."""
        row = f"row {self.row}" if self.row else ""
        column = f"column '{self.column}'" if self.column else ""
        place = ", ".join(part for part in (self.file, row, column) if part)
        return f"{self.code} {self.severity}: {place}: {self.what}; {self.fix}"

    def as_dict(self) -> dict[str, object]:
        """The problem as data, for JSON and CSV."""
        return asdict(self)


class Problems:
    """Collects problems: lists up to 1,000 (errors first), counts all, and groups them.

    Args:
        strict: whether every warning is an error.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict
        self._found: dict[Severity, list[Problem]] = {severity: [] for severity in Severity}
        self._groups: dict[tuple[str, str, str, str], Group] = {}
        self.counts: Counter[str] = Counter()
        self.errors = 0

    def add(self, rule: Rule, file: str, *, rows: Iterable[int] = (0,), column: str = "", detail: str = "") -> None:
        """Note one problem for each of the rows (0: for the file as a whole)."""
        severity = Severity.ERROR if self._strict and rule.severity is Severity.WARNING else rule.severity
        what = rule.what.format(detail=detail)
        found, numbers = self._found[severity], list(rows)
        if not numbers:
            return
        self.counts[rule.code] += len(numbers)
        self.errors += len(numbers) * (severity is Severity.ERROR)
        room = MAX_LISTED - len(found)
        found += [Problem(rule.code, severity, int(row), column, what, rule.fix, file) for row in numbers[:room]]
        self._group(
            Group(rule.code, severity, file, column, what, rule.fix, len(numbers), tuple(numbers[:_FIRST_ROWS]))
        )

    def _group(self, new: Group) -> None:
        key = (new.code, new.file, new.column, new.what)
        old = self._groups.get(key)
        if old is not None:
            rows = sorted({*old.rows, *new.rows})[:_FIRST_ROWS]
            new = replace(new, count=old.count + new.count, rows=tuple(rows))
        self._groups[key] = replace(new, rows=tuple(row for row in new.rows if row))

    @property
    def groups(self) -> list[Group]:
        """All problems, grouped: errors first, then by code, file and column."""
        order = list(Severity)
        return sorted(
            self._groups.values(), key=lambda group: (order.index(group.severity), group.code, group.file, group.column)
        )

    @property
    def listed(self) -> list[Problem]:
        """At most 1,000 problems: errors first, then by file and row."""
        ordered = (
            sorted(self._found[severity], key=lambda problem: (problem.file, problem.row)) for severity in Severity
        )
        return [problem for part in ordered for problem in part][:MAX_LISTED]


def error_page() -> str:
    """The page `docs/errors.md`: every code, what it does, what it means, what to do."""
    head = (
        "# Problem codes\n\n"
        "What `waylink encode` says about a member's files. An **error** stops the encoding and nothing is written. A\n"
        "**warning** empties the cell (or leaves the row out), the record goes on, and the receipt counts it;\n"
        "`--strict` makes every warning an error. A **note** says what was assumed of a file, and stops nothing. Rows\n"
        "are counted as Excel counts them: the header is row 1 where nothing is above it. No\n"
        f"message repeats a cell's value. At most {MAX_LISTED:,} problems are listed, the rest are counted.\n\n"
        "| code | severity | what is wrong | what to do |\n|---|---|---|---|\n"
    )
    lines = (f"| {rule.code} | {rule.severity} | {rule.what.format(detail='…')} | {rule.fix} |\n" for rule in RULES)
    return head + "".join(lines)
