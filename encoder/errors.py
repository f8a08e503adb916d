"""What can go wrong in the member's room; no error of this zone holds a value of a person."""

from __future__ import annotations

from pathlib import Path

from encoder.problem_list import summary
from encoder.problems import Problems
from schemas.errors import DataFault, Explained, NetworkFault, UsageFault


class EncoderError(Explained):
    """Base of the errors of this zone."""


class UnusableSchema(EncoderError, DataFault):
    """A linkage schema that clkhash cannot encode with."""


class UnfitValue(EncoderError, DataFault):
    """A value breaks the format that its feature asks for; row and column are in `where`."""


class UnfitTable(EncoderError, UsageFault):
    """A table whose columns are not the linkage schema's, or whose cells are no text."""


class BadSecret(EncoderError, DataFault):
    """A secret file that is no secret, or is damaged."""


class SecretMissing(EncoderError, UsageFault):
    """There is no secret where it was said to be, or nobody is there to type or see it."""


class BadMapping(EncoderError, DataFault):
    """A mapping file that cannot be used."""


class NoSuchColumn(EncoderError, UsageFault):
    """A column that is to be explained is none that is hashed."""


class InputMissing(EncoderError, UsageFault):
    """A file that was named cannot be read."""


class ServicesNeeded(EncoderError, UsageFault):
    """The agreement's data level needs services with dates, and none were given."""


class DayNeeded(EncoderError, UsageFault):
    """Consent ends on days that the file says, and no day was given to compare them with."""


class NobodyToAsk(EncoderError, UsageFault):
    """Somebody was to be asked, and nobody is at the terminal."""


class LeakFound(EncoderError, DataFault):
    """A value of the client list was found in a file that would leave; nothing was written."""


class NothingTaken(EncoderError, NetworkFault):
    """The server answers, and has no more of a file than before."""


class ServerFull(EncoderError, NetworkFault):
    """The server has no room: the same again does not help before somebody has made some."""


class SentTooOften(EncoderError, UsageFault):
    """The same files were sent, and rejected or deleted, again and again."""


class ProblemsFound(EncoderError, DataFault):
    """The member's files have faults that stop the encoding.

    Attributes:
        problems: those that are listed (at most 1,000), errors first.
        counts: how often each code was met, listed or not.
        list: the file that they were written to; None: none.
    """

    def __init__(self, problems: Problems, *, list_: Path | None = None) -> None:
        self.problems = problems.listed
        self.counts = dict(problems.counts)
        self.list = list_
        self._found = problems
        listed = f"; all of them are listed in {list_}" if list_ else ""
        super().__init__(
            "\n  ".join(["nothing was encoded:", *summary(problems.groups)]),
            fix=f"correct the files at their source and encode again{listed}",
        )

    def listed_in(self, file: Path) -> ProblemsFound:
        """The same, with the file that lists the problems."""
        return ProblemsFound(self._found, list_=file)

    def as_dict(self) -> dict[str, object]:
        listed = [problem.as_dict() for problem in self.problems]
        where = str(self.list) if self.list else ""
        return super().as_dict() | {"problems": listed, "counts": self.counts, "list": where}
