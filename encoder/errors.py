"""What can go wrong in the member's room; no error of this zone holds a value of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from schemas.errors import DataFault, Explained, NetworkFault, UsageFault

if TYPE_CHECKING:
    from encoder.problems import Problem

_SHOWN = 20
"""Problems that an error's text shows; the rest are in `problems` (a terminal has about 40 lines, two a problem)."""


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


class InputMissing(EncoderError, UsageFault):
    """A file that was named cannot be read."""


class ServicesNeeded(EncoderError, UsageFault):
    """The agreement's data level needs services with dates, and none were given."""


class DayNeeded(EncoderError, UsageFault):
    """Consent ends on days that the file says, and no day was given to compare them with."""


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
    """

    def __init__(self, problems: Sequence[Problem], counts: Mapping[str, int]) -> None:
        self.problems = list(problems)
        self.counts = dict(counts)
        lines = [problem.line() for problem in self.problems[:_SHOWN]]
        rest = sum(self.counts.values()) - len(lines)
        if rest:
            lines.append(f"and {rest} more")
        super().__init__(
            "\n  ".join(["nothing was encoded:", *lines]), fix="correct the files at their source and encode again"
        )

    def as_dict(self) -> dict[str, object]:
        listed = [problem.as_dict() for problem in self.problems]
        return super().as_dict() | {"problems": listed, "counts": self.counts}
