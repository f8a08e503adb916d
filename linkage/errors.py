"""What can go wrong in linking, counting and releasing."""

from __future__ import annotations

from schemas.errors import DataFault, Explained, NotAllowed, PolicyRefusal, UsageFault


class LinkageError(Explained):
    """Base of the errors of this zone."""


class BadInput(LinkageError, UsageFault):
    """An argument of a function of this zone cannot work (shape, dtype, range)."""


class LinkingNotInstalled(LinkageError, UsageFault):
    """The packages that only linking and counting need are not there."""


class UnlikeEncodings(LinkageError, DataFault):
    """Encodings that cannot be compared: other secrets, linkage schemas, cleaning or lengths."""


class WrongAgreement(LinkageError, NotAllowed):
    """Encodings, services or a run made under another agreement than the one given."""


class NothingInCommon(LinkageError, DataFault):
    """No record of one member was held to be the same person as a record of another."""


class SelfCheckFailed(LinkageError, DataFault):
    """The kernel's pairs are not those that anonlink finds: nothing of this run may be used."""


class ReleaseRefused(LinkageError, PolicyRefusal):
    """Disclosure control cannot make this release safe."""
