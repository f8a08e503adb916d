"""What can go wrong at a border, and the shape every error of the project has.

An error says what, where and what to do; it never repeats a person's value. Each zone has one base class of its own
(`SchemasError`, `EncoderError`, `LinkageError`); beside it stands one of the five kinds below, which the front door
turns into an exit status (`waylink/exit_codes.py`).
"""

from __future__ import annotations


class Explained(Exception):
    """An error a person can act on.

    Attributes:
        what: what is wrong, without any value of a person.
        where: the file, sheet, row, column or key it is about ("" where there is none).
        fix: what to do about it ("" where there is nothing to do).
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f"\n  fix: {self.fix}" if self.fix else "")

    def as_dict(self) -> dict[str, object]:
        """The error as data, for `--json`."""
        return {"error": type(self).__name__, "what": self.what, "where": self.where, "fix": self.fix}


class UsageFault(Explained):
    """The command was called in a way that cannot work (exit status 2)."""


class DataFault(Explained):
    """A file is not what it has to be (exit status 3)."""


class NotAllowed(Explained):
    """The agreement does not allow it (exit status 4)."""


class NetworkFault(Explained):
    """The other side could not be reached (exit status 5)."""


class PolicyRefusal(Explained):
    """It may be asked, but a disclosure or governance policy says no (exit status 6)."""


class SchemasError(Explained):
    """Base of the errors of this zone."""


class BrokenFile(SchemasError, DataFault):
    """A file that crosses a border is truncated, altered or of another format."""


class BadAgreement(SchemasError, DataFault):
    """An agreement that cannot be used; `problems` lists every fault with its line."""

    def __init__(self, problems: list[str], *, where: str) -> None:
        self.problems = problems
        super().__init__("\n  ".join(problems), where=where, fix="correct the agreement; all members use the same file")

    def as_dict(self) -> dict[str, object]:
        return super().as_dict() | {"problems": self.problems}


class BadLinkageSchema(SchemasError, DataFault):
    """A linkage schema that clkhash could not use."""


class MemberNotNamed(SchemasError, NotAllowed):
    """The agreement does not name this member."""


class OtherAgreement(SchemasError, NotAllowed):
    """The file was made under another agreement than the one given."""


class OutputExists(SchemasError, UsageFault):
    """The folder to write is already there and not empty."""


class CannotWrite(SchemasError, UsageFault):
    """A folder or file cannot be written: no permission, no room, too long a name."""


class FileMissing(SchemasError, UsageFault):
    """A file or folder that was named does not exist or cannot be read."""
